// What scripts know as repository; order and defaults of the arguments are those of
// RepositoryApiImpl.groovy, whose two booleans of a hosted repository stand the other way round than
// in RepositoryApi.java.
package standin

import org.sonatype.nexus.blobstore.api.BlobStoreManager
import org.sonatype.nexus.repository.Repository
import org.sonatype.nexus.repository.config.Configuration
import org.sonatype.nexus.repository.manager.RepositoryManager
import org.sonatype.nexus.repository.storage.WritePolicy

class RepositoryApi
{
  RepositoryManager repositoryManager = new RepositoryManager()
  BlobStoreManager blobStoreManager = new BlobStoreManager()

  Repository createDockerHosted(final String name, Integer httpPort, Integer httpsPort,
                                final String blobStoreName = 'default',
                                final boolean strictContentTypeValidation = true,
                                final boolean v1Enabled = true,
                                final WritePolicy writePolicy = WritePolicy.ALLOW,
                                final boolean forceBasicAuth = true)
  {
    make(name, 'docker-hosted', blobStoreName, [
        storage: [blobStoreName: blobStoreName, writePolicy: writePolicy,
                  strictContentTypeValidation: strictContentTypeValidation],
        docker: docker(httpPort, httpsPort, v1Enabled, forceBasicAuth)])
  }

  Repository createDockerProxy(final String name, final String remoteUrl, final String indexType,
                               final String indexUrl, Integer httpPort, Integer httpsPort,
                               final String blobStoreName = 'default',
                               final boolean strictContentTypeValidation = true,
                               final boolean v1Enabled = true,
                               final boolean forceBasicAuth = true)
  {
    make(name, 'docker-proxy', blobStoreName, [
        httpclient: [connection: [blocked: false, autoBlock: true, useTrustStore: true]],
        proxy: [remoteUrl: remoteUrl, contentMaxAge: 1440, metadataMaxAge: 1440],
        negativeCache: [enabled: true, timeToLive: 1440],
        storage: [blobStoreName: blobStoreName,
                  strictContentTypeValidation: strictContentTypeValidation],
        docker: docker(httpPort, httpsPort, v1Enabled, forceBasicAuth),
        dockerProxy: [indexType: indexType, indexUrl: indexUrl]])
  }

  Repository createDockerGroup(final String name, Integer httpPort, Integer httpsPort,
                               final List<String> members, final boolean v1Enabled = true,
                               final String blobStoreName = 'default',
                               final boolean forceBasicAuth = true)
  {
    if (!members.every { repositoryManager.get(it) }) {
      throw new IllegalStateException(
          'One or more of the specified group memberNames does not actually exist')
    }
    make(name, 'docker-group', blobStoreName, [
        group: [memberNames: members.toList().unique()],
        storage: [blobStoreName: blobStoreName],
        docker: docker(httpPort, httpsPort, v1Enabled, forceBasicAuth)])
  }

  private static Map docker(Integer httpPort, Integer httpsPort, boolean v1, boolean basic) {
    return [httpPort: httpPort, httpsPort: httpsPort, v1Enabled: v1, forceBasicAuth: basic]
  }

  private Repository make(String name, String recipe, String blobStore, Map attributes) {
    Objects.requireNonNull(name)
    if (!blobStoreManager.get(blobStore)) {
      throw new IllegalArgumentException("No blobStore found with name ${blobStore}")
    }
    Configuration wanted = Made.configuration()
    wanted.repositoryName = name
    wanted.recipeName = recipe
    wanted.online = true
    wanted.attributes = attributes
    return repositoryManager.create(wanted)
  }
}
