// Cleanup policies for scripts.
// Source: CleanupPolicyStorage.java; criteria are texts, days in seconds.
package org.sonatype.nexus.cleanup.storage

import standin.Channel
import standin.Made

class CleanupPolicyStorage
{
  CleanupPolicy newCleanupPolicy() {
    if (!Channel.since(21)) {
      throw new MissingMethodException('newCleanupPolicy', CleanupPolicyStorage, [] as Object[])
    }
    return Made.policy()
  }

  List<CleanupPolicy> getAll() {
    return Channel.ask('cleanup.browse').collect { Map found ->
      CleanupPolicy policy = Made.policy()
      found.each { key, value -> policy[key as String] = value }
      policy
    } as List
  }

  CleanupPolicy get(final String name) { all.find { it.name == name } }

  boolean exists(final String name) { get(name) != null }

  CleanupPolicy add(final CleanupPolicy policy) {
    Channel.ask('cleanup.create', asMap(policy))
    return get(policy.name)
  }

  CleanupPolicy update(final CleanupPolicy policy) {
    Channel.ask('cleanup.update', asMap(policy))
    return get(policy.name)
  }

  void remove(final CleanupPolicy policy) { Channel.ask('cleanup.delete', [name: policy.name]) }

  private static Map asMap(CleanupPolicy policy) {
    return [name: policy.name, notes: policy.notes, format: policy.format, mode: policy.mode,
            criteria: policy.criteria]
  }
}
