// Whether somebody without a login may read.
package org.sonatype.nexus.security.anonymous

class AnonymousConfiguration
{
  boolean enabled
  String userId
  String realmName
}
