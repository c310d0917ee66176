// A blob store as a script sees it; metrics has what the list of the REST API has.
package org.sonatype.nexus.blobstore.api

class BlobStore
{
  BlobStoreConfiguration blobStoreConfiguration
  BlobStoreMetrics metrics
  boolean started = true
}
