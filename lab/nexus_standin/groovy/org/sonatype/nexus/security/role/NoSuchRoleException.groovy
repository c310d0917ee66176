// Thrown for a role that is not there.
package org.sonatype.nexus.security.role

class NoSuchRoleException
    extends RuntimeException
{
  NoSuchRoleException(String message) { super(message) }
}
