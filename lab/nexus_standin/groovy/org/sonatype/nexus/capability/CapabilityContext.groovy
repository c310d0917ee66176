// A capability as a script sees it.
package org.sonatype.nexus.capability

class CapabilityContext
{
  private final Map capability

  CapabilityContext(final Map capability) { this.capability = capability }

  String id() { capability.id }

  String type() { capability.type }

  String notes() { capability.notes }

  Map<String, String> properties() { capability.properties as Map }

  boolean isEnabled() { capability.enabled }

  boolean isActive() { capability.enabled }

  /** The type is asked of the descriptor in CoreApiImpl.groovy. */
  CapabilityContext descriptor() { this }
}
