// What the managers give: from 3.21 on behind interfaces.
package standin

import org.sonatype.nexus.blobstore.api.BlobStoreConfiguration
import org.sonatype.nexus.cleanup.storage.CleanupPolicy
import org.sonatype.nexus.repository.config.Configuration

class Made
{
  static Configuration configuration() { new ConfigurationData() }

  static BlobStoreConfiguration blobStore() { new BlobStoreConfigurationData() }

  static CleanupPolicy policy() { new CleanupPolicyData() }
}
