package org.sonatype.nexus.security.realm

class RealmConfiguration
{
  List<String> realmNames
}
