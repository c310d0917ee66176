package org.sonatype.nexus.blobstore.api

import standin.Channel

/** Source: BlobStoreManager.java. */
class BlobStoreManager
{
  Iterable<BlobStore> browse() {
    return Channel.ask('blobstore.browse').collect {
      new BlobStore(
          blobStoreConfiguration: BlobStoreConfiguration.of(
              it.name as String, it.type as String, it.attributes as Map),
          metrics: new BlobStoreMetrics(
              blobCount: it.blobCount as long, totalSize: it.totalSize as long,
              availableSpace: it.availableSpace as long))
    }
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
