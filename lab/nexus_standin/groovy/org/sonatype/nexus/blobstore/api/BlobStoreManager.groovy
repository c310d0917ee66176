// Blob stores for scripts. Source: BlobStoreManager.java; newConfiguration came with 3.21.
package org.sonatype.nexus.blobstore.api

import standin.Channel
import standin.Made

class BlobStoreManager
{
  Iterable<BlobStore> browse() {
    return Channel.ask('blobstore.browse').collect { Map found ->
      BlobStoreConfiguration configuration = Made.blobStore()
      configuration.name = found.name
      configuration.type = found.type
      configuration.attributes = found.attributes as Map
      new BlobStore(
          blobStoreConfiguration: configuration,
          metrics: new BlobStoreMetrics(
              blobCount: found.blobCount as long, totalSize: found.totalSize as long,
              availableSpace: found.availableSpace as long))
    }
  }

  BlobStoreConfiguration newConfiguration() {
    if (!Channel.since(21)) {
      throw new MissingMethodException('newConfiguration', BlobStoreManager, [] as Object[])
    }
    return Made.blobStore()
  }

  BlobStore get(final String name) {
    return browse().find { it.blobStoreConfiguration.name == name }
  }

  boolean exists(final String name) { get(name) != null }

  BlobStore create(final BlobStoreConfiguration configuration) {
    save('blobstore.create', configuration)
  }

  BlobStore update(final BlobStoreConfiguration configuration) {
    save('blobstore.update', configuration)
  }

  void delete(final String name) { Channel.ask('blobstore.delete', [name: name]) }

  private BlobStore save(String operation, BlobStoreConfiguration configuration) {
    Channel.ask(operation, [
        name: configuration.name, type: configuration.type, attributes: configuration.attributes])
    return get(configuration.name)
  }
}
