// A blob store's settings: scripts make them themselves.
package org.sonatype.nexus.blobstore.api

import org.sonatype.nexus.common.collect.NestedAttributesMap
import standin.Blocks

class BlobStoreConfiguration
{
  String name
  String type
  Map<String, Map<String, Object>> attributes

  NestedAttributesMap attributes(final String key) {
    attributes = attributes ?: [:]
    return Blocks.block(attributes, key)
  }
}
