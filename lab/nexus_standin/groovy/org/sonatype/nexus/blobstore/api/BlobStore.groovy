package org.sonatype.nexus.blobstore.api

/** A blob store as a script sees it; {@code metrics} has what the list of the REST API has. */
class BlobStore
{
  BlobStoreConfiguration blobStoreConfiguration
  BlobStoreMetrics metrics
  boolean started = true
}
