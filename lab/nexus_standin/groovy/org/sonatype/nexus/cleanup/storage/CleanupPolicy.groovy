package org.sonatype.nexus.cleanup.storage

import standin.Channel

/** A class that scripts may make before 3.21, an interface from then on. */
class CleanupPolicy
{
  String name
  String notes
  String format
  String mode
  Map<String, String> criteria = [:]

  CleanupPolicy() {}

  CleanupPolicy(final String name, final String notes, final String format, final String mode,
                final Map<String, String> criteria)
  {
    if (Channel.since(21)) {
      throw new InstantiationException('org.sonatype.nexus.cleanup.storage.CleanupPolicy')
    }
    this.name = name
    this.notes = notes
    this.format = format
    this.mode = mode
    this.criteria = criteria
  }

  Map asMap() {
    return [name: name, notes: notes, format: format, mode: mode, criteria: criteria]
  }
}
