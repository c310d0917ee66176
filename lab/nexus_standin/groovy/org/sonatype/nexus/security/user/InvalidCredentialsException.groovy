package org.sonatype.nexus.security.user

class InvalidCredentialsException
    extends RuntimeException
{
  InvalidCredentialsException(String message) { super(message) }
}
