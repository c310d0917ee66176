package org.sonatype.nexus.security.role

class NoSuchRoleException
    extends RuntimeException
{
  NoSuchRoleException(String message) { super(message) }
}
