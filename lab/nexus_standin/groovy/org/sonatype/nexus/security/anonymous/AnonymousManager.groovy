// Anonymous access for scripts. Source: AnonymousManager.java.
package org.sonatype.nexus.security.anonymous

import standin.Channel

class AnonymousManager
{
  boolean isConfigured() { Channel.ask('anonymous.get').configured }

  boolean isEnabled() { configuration.enabled }

  AnonymousConfiguration getConfiguration() {
    Map found = Channel.ask('anonymous.get') as Map
    return new AnonymousConfiguration(
        enabled: found.enabled, userId: found.userId, realmName: found.realmName)
  }

  void setConfiguration(final AnonymousConfiguration wanted) {
    Channel.ask('anonymous.set', [
        enabled: wanted.enabled, userId: wanted.userId, realmName: wanted.realmName])
  }
}
