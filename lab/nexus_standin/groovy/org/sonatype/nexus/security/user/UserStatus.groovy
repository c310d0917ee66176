// Whether a user may log in.
package org.sonatype.nexus.security.user

enum UserStatus
{
  active, locked, disabled, changepassword
}
