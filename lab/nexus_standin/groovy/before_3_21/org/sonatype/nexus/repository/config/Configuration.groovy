// A repository's settings: scripts make them themselves.
package org.sonatype.nexus.repository.config

import org.sonatype.nexus.common.collect.NestedAttributesMap
import standin.Blocks

class Configuration
{
  String repositoryName
  String recipeName
  boolean online
  Map<String, Map<String, Object>> attributes

  NestedAttributesMap attributes(final String key) {
    attributes = attributes ?: [:]
    return Blocks.block(attributes, key)
  }

  Configuration copy() {
    return new Configuration(repositoryName: repositoryName, recipeName: recipeName,
        online: online, attributes: Blocks.copy(attributes))
  }
}
