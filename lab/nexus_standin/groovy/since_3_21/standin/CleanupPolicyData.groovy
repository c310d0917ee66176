// A cleanup policy behind its interface.
package standin

import org.sonatype.nexus.cleanup.storage.CleanupPolicy

class CleanupPolicyData
    implements CleanupPolicy
{
  String name
  String notes
  String format
  String mode
  Map<String, String> criteria
}
