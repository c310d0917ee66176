// What scripts know as security; source: SecurityApiImpl.groovy.
// From 3.76 on the manager behind it is hidden.
package standin

import org.sonatype.nexus.security.SecuritySystem
import org.sonatype.nexus.security.anonymous.AnonymousConfiguration
import org.sonatype.nexus.security.anonymous.AnonymousManager
import org.sonatype.nexus.security.role.Role
import org.sonatype.nexus.security.role.RoleIdentifier
import org.sonatype.nexus.security.user.User
import org.sonatype.nexus.security.user.UserStatus

class SecurityApi
{
  AnonymousManager anonymousManager = new AnonymousManager()
  private final SecuritySystem manager = new SecuritySystem()

  SecuritySystem getSecuritySystem() {
    if (Channel.since(76)) {
      throw new MissingPropertyException('securitySystem', SecurityApi)
    }
    return manager
  }

  AnonymousConfiguration setAnonymousAccess(final boolean enabled) {
    AnonymousConfiguration configuration = anonymousManager.configuration
    if (!anonymousManager.configured || configuration.enabled != enabled) {
      configuration.enabled = enabled
      anonymousManager.configuration = configuration
    }
    return configuration
  }

  User addUser(final String id, final String firstName, final String lastName, final String email,
               final boolean active, final String password, final List<String> roleIds)
  {
    return manager.addUser(new User(
        userId: id, source: 'default', firstName: firstName, lastName: lastName,
        emailAddress: email, status: active ? UserStatus.active : UserStatus.disabled,
        roles: roleIds.collect { new RoleIdentifier('default', it) } as Set), password)
  }

  Role addRole(final String id, final String name, final String description,
               final List<String> privileges, final List<String> roles)
  {
    return manager.getAuthorizationManager('default').addRole(new Role(
        roleId: id, source: 'default', name: name, description: description,
        privileges: privileges as Set, roles: roles as Set))
  }

  User setUserRoles(final String userId, final List<String> roleIds) {
    User user = manager.getUser(userId, 'default')
    user.roles = roleIds.collect { new RoleIdentifier('default', it) } as Set
    return manager.updateUser(user)
  }
}
