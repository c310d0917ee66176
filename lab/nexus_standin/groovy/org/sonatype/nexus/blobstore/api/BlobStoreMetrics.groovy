// How much a blob store holds, for scripts.
package org.sonatype.nexus.blobstore.api

class BlobStoreMetrics
{
  long blobCount
  long totalSize
  long availableSpace
}
