// A cleanup policy: scripts make them themselves.
package org.sonatype.nexus.cleanup.storage

class CleanupPolicy
{
  String name
  String notes
  String format
  String mode
  Map<String, String> criteria

  CleanupPolicy() {}

  CleanupPolicy(final String name, final String notes, final String format, final String mode,
                final Map<String, String> criteria)
  {
    this.name = name
    this.notes = notes
    this.format = format
    this.mode = mode
    this.criteria = criteria
  }
}
