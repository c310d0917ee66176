// A blob store's settings: BlobStoreManager makes them.
package org.sonatype.nexus.blobstore.api

import org.sonatype.nexus.common.collect.NestedAttributesMap

interface BlobStoreConfiguration
{
  String getName()

  void setName(String name)

  String getType()

  void setType(String type)

  Map<String, Map<String, Object>> getAttributes()

  void setAttributes(Map<String, Map<String, Object>> attributes)

  NestedAttributesMap attributes(String key)
}
