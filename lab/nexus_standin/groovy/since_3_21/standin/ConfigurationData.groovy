// A repository's settings behind their interface.
package standin

import org.sonatype.nexus.common.collect.NestedAttributesMap
import org.sonatype.nexus.repository.config.Configuration

class ConfigurationData
    implements Configuration
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
    return new ConfigurationData(repositoryName: repositoryName, recipeName: recipeName,
        online: online, attributes: Blocks.copy(attributes))
  }
}
