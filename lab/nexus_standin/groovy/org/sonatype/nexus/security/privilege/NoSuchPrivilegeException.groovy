// Thrown for a privilege that is not there.
package org.sonatype.nexus.security.privilege

class NoSuchPrivilegeException
    extends RuntimeException
{
  NoSuchPrivilegeException(String message) { super(message) }
}
