// What the managers give: before 3.21 of classes that scripts may use too.
package standin

import org.sonatype.nexus.blobstore.api.BlobStoreConfiguration
import org.sonatype.nexus.cleanup.storage.CleanupPolicy
import org.sonatype.nexus.repository.config.Configuration

class Made
{
  static Configuration configuration() { new Configuration() }

  static BlobStoreConfiguration blobStore() { new BlobStoreConfiguration() }

  static CleanupPolicy policy() { new CleanupPolicy() }
}
