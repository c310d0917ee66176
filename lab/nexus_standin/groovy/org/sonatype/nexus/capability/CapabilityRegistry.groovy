// Capabilities for scripts.
// Source: CapabilityRegistry.java; here it is read and switched, core.baseUrl writes.
package org.sonatype.nexus.capability

import standin.Channel

class CapabilityRegistry
{
  Collection<CapabilityReference> getAll() {
    return Channel.ask('capability.browse').collect {
      new CapabilityReference(new CapabilityContext(it as Map))
    }
  }

  CapabilityReference enable(final String id) { toggle(id, true) }

  CapabilityReference disable(final String id) { toggle(id, false) }

  private CapabilityReference toggle(String id, boolean enabled) {
    Channel.ask('capability.switch', [id: id, enabled: enabled])
    return all.find { it.context().id() == id }
  }
}
