// Users and roles for scripts. Source: SecuritySystem.java.
package org.sonatype.nexus.security

import org.sonatype.nexus.security.authz.AuthorizationManager
import org.sonatype.nexus.security.privilege.Privilege
import org.sonatype.nexus.security.role.Role
import org.sonatype.nexus.security.role.RoleIdentifier
import org.sonatype.nexus.security.user.User
import org.sonatype.nexus.security.user.UserNotFoundException
import org.sonatype.nexus.security.user.UserSearchCriteria
import standin.Channel

class SecuritySystem
{
  Set<Role> listRoles() { getAuthorizationManager('default').listRoles() }

  Set<Role> listRoles(final String sourceId) { getAuthorizationManager(sourceId).listRoles() }

  Set<Privilege> listPrivileges() { getAuthorizationManager('default').listPrivileges() }

  AuthorizationManager getAuthorizationManager(final String source) {
    if (source != 'default') {
      throw new IllegalArgumentException("No authorization manager with source: ${source}")
    }
    return new AuthorizationManager()
  }

  Set<User> listUsers() { Channel.ask('user.browse').collect { User.of(it as Map) } as Set }

  Set<User> searchUsers(final UserSearchCriteria criteria) {
    String start = criteria.userId?.toLowerCase() ?: ''
    return listUsers().findAll { it.userId.toLowerCase().startsWith(start) }
  }

  User getUser(final String userId) {
    User found = listUsers().find { it.userId == userId }
    if (found == null) {
      throw new UserNotFoundException("User not found: ${userId}")
    }
    return found
  }

  User getUser(final String userId, final String sourceId) { getUser(userId) }

  User addUser(final User user, final String password) {
    Channel.ask('user.create', user.asMap() + [password: password])
    return getUser(user.userId)
  }

  User updateUser(final User user) {
    Channel.ask('user.update', user.asMap())
    return getUser(user.userId)
  }

  void deleteUser(final String userId, final String source) {
    Channel.ask('user.delete', [userId: userId])
  }

  void setUsersRoles(final String userId, final String sourceId, final Set<RoleIdentifier> roles) {
    User user = getUser(userId, sourceId)
    user.roles = roles
    updateUser(user)
  }

  void changePassword(final String userId, final String newPassword) {
    Channel.ask('user.password', [userId: userId, password: newPassword])
  }

  /** Refused where the old password is another one: scripts try a password this way. */
  void changePassword(final String userId, final String oldPassword, final String newPassword) {
    Channel.ask('user.password', [userId: userId, old: oldPassword, password: newPassword])
  }
}
