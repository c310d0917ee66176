// What scripts know as blobStore; source: BlobStoreApiImpl.groovy.
package standin

import org.sonatype.nexus.blobstore.api.BlobStoreConfiguration
import org.sonatype.nexus.blobstore.api.BlobStoreManager

class BlobStoreApi
{
  BlobStoreManager blobStoreManager = new BlobStoreManager()

  BlobStoreConfiguration createFileBlobStore(final String name, final String path) {
    create(name, 'File', [file: [path: Objects.requireNonNull(path)]])
  }

  BlobStoreConfiguration createS3BlobStore(final String name, final Map<String, String> config) {
    create(name, 'S3', [s3: config])
  }

  private BlobStoreConfiguration create(String name, String type, Map attributes) {
    BlobStoreConfiguration wanted = Made.blobStore()
    wanted.name = Objects.requireNonNull(name)
    wanted.type = type
    wanted.attributes = attributes
    return blobStoreManager.create(wanted).blobStoreConfiguration
  }
}
