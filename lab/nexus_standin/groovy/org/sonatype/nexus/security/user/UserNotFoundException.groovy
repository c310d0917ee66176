package org.sonatype.nexus.security.user

class UserNotFoundException
    extends RuntimeException
{
  UserNotFoundException(String message) { super(message) }
}
