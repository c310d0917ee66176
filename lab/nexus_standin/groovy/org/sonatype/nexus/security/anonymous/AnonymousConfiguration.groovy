package org.sonatype.nexus.security.anonymous

class AnonymousConfiguration
{
  boolean enabled
  String userId
  String realmName
}
