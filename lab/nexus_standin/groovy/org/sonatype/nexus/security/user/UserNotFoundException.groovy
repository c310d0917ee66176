// Thrown for a user that is not there.
package org.sonatype.nexus.security.user

class UserNotFoundException
    extends RuntimeException
{
  UserNotFoundException(String message) { super(message) }
}
