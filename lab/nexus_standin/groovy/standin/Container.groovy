// What scripts know as container; source: GlobalComponentLookupHelper,
// which gives null for what it lacks.
package standin

import org.sonatype.nexus.blobstore.api.BlobStoreManager
import org.sonatype.nexus.capability.CapabilityRegistry
import org.sonatype.nexus.cleanup.storage.CleanupPolicyStorage
import org.sonatype.nexus.repository.manager.RepositoryManager
import org.sonatype.nexus.scheduling.TaskScheduler
import org.sonatype.nexus.security.SecuritySystem
import org.sonatype.nexus.security.anonymous.AnonymousManager
import org.sonatype.nexus.security.config.AdminPasswordFileManager
import org.sonatype.nexus.security.realm.RealmManager

class Container
{
  private static final List<Class> KNOWN = [
      RepositoryManager, BlobStoreManager, SecuritySystem, AnonymousManager, RealmManager,
      CapabilityRegistry, TaskScheduler, CleanupPolicyStorage]

  Object lookup(String name) {
    if (name == AdminPasswordFileManager.name && Channel.since(17)) {
      return new AdminPasswordFileManager()
    }
    return KNOWN.find { it.name == name }?.newInstance()
  }

  Object lookup(Class type) {
    return lookup(type.name)
  }
}
