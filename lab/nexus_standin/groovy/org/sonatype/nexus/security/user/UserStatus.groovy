package org.sonatype.nexus.security.user

enum UserStatus
{
  active, locked, disabled, changepassword
}
