package org.sonatype.nexus.blobstore.api

import org.sonatype.nexus.common.collect.NestedAttributesMap

class BlobStoreConfiguration
{
  String name
  String type
  Map<String, Map<String, Object>> attributes = [:]

  static BlobStoreConfiguration of(String name, String type, Map attributes) {
    return new BlobStoreConfiguration(name: name, type: type, attributes: attributes)
  }

  NestedAttributesMap attributes(final String key) {
    if (attributes[key] == null) {
      attributes[key] = [:]
    }
    return new NestedAttributesMap(key, attributes[key])
  }
}
