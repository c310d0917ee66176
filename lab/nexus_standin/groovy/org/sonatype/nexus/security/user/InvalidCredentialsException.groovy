// Thrown for a password that is not the present one.
package org.sonatype.nexus.security.user

class InvalidCredentialsException
    extends RuntimeException
{
  InvalidCredentialsException(String message) { super(message) }
}
