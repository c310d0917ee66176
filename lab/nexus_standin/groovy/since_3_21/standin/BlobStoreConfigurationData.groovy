// A blob store's settings behind their interface.
package standin

import org.sonatype.nexus.blobstore.api.BlobStoreConfiguration
import org.sonatype.nexus.common.collect.NestedAttributesMap

class BlobStoreConfigurationData
    implements BlobStoreConfiguration
{
  String name
  String type
  Map<String, Map<String, Object>> attributes

  NestedAttributesMap attributes(final String key) {
    attributes = attributes ?: [:]
    return Blocks.block(attributes, key)
  }
}
