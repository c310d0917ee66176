package org.sonatype.nexus.repository.storage

enum WritePolicy
{
  ALLOW, ALLOW_ONCE, DENY
}
