package org.sonatype.nexus.capability

import standin.Channel

/** Source: CapabilityRegistry.java; here it is read, {@code core.baseUrl} writes. */
class CapabilityRegistry
{
  Collection<CapabilityReference> getAll() {
    return Channel.ask('capability.browse').collect {
      new CapabilityReference(new CapabilityContext(it as Map))
    }
  }
}
