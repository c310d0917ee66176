// Whether what is in a hosted repository may be written again.
package org.sonatype.nexus.repository.storage

enum WritePolicy
{
  ALLOW, ALLOW_ONCE, DENY
}
