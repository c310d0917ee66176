// A cleanup policy: CleanupPolicyStorage makes them.
package org.sonatype.nexus.cleanup.storage

interface CleanupPolicy
{
  String getName()

  void setName(String name)

  String getNotes()

  void setNotes(String notes)

  String getFormat()

  void setFormat(String format)

  String getMode()

  void setMode(String mode)

  Map<String, String> getCriteria()

  void setCriteria(Map<String, String> criteria)
}
