// What the registry of capabilities gives: each with its context.
package org.sonatype.nexus.capability

class CapabilityReference
{
  private final CapabilityContext context

  CapabilityReference(final CapabilityContext context) { this.context = context }

  CapabilityContext context() { context }
}
