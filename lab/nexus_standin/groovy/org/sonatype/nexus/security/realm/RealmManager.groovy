// Realms for scripts. Source: RealmManager.java.
package org.sonatype.nexus.security.realm

import standin.Channel

class RealmManager
{
  RealmConfiguration getConfiguration() {
    return new RealmConfiguration(realmNames: Channel.ask('realm.get') as List<String>)
  }

  void setConfiguration(final RealmConfiguration wanted) {
    Channel.ask('realm.set', [names: wanted.realmNames])
  }

  boolean isRealmEnabled(final String name) { name in configuration.realmNames }

  void enableRealm(final String name, final boolean enable) {
    enable ? enableRealm(name) : disableRealm(name)
  }

  void enableRealm(final String name) {
    List<String> names = configuration.realmNames
    if (!(name in names)) {
      setConfiguration(new RealmConfiguration(realmNames: names + name))
    }
  }

  void disableRealm(final String name) {
    setConfiguration(new RealmConfiguration(realmNames: configuration.realmNames - name))
  }
}
