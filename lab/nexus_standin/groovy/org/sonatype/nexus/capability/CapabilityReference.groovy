package org.sonatype.nexus.capability

class CapabilityReference
{
  private final CapabilityContext context

  CapabilityReference(final CapabilityContext context) { this.context = context }

  CapabilityContext context() { context }
}
