// A user as a script sees and makes it.
package org.sonatype.nexus.security.user

import org.sonatype.nexus.security.role.RoleIdentifier

class User
{
  String userId
  String firstName
  String lastName
  String emailAddress
  String source
  UserStatus status
  boolean readOnly
  Set<RoleIdentifier> roles = []

  String getName() { "${firstName} ${lastName}" }

  void addRole(final RoleIdentifier role) { roles = roles + role }

  static User of(Map answer) {
    return new User(
        userId: answer.userId, firstName: answer.firstName, lastName: answer.lastName,
        emailAddress: answer.emailAddress, source: 'default',
        status: UserStatus.valueOf(answer.status as String),
        roles: answer.roles.collect { new RoleIdentifier('default', it as String) } as Set)
  }

  Map asMap() {
    return [userId: userId, firstName: firstName, lastName: lastName, emailAddress: emailAddress,
            status: status?.name(), roles: roles*.roleId]
  }
}
