// The realms that are active, in order.
package org.sonatype.nexus.security.realm

class RealmConfiguration
{
  List<String> realmNames
}
