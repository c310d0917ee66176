// Roles and privileges for scripts.
// Source: AuthorizationManager.java; privileges are read only here.
package org.sonatype.nexus.security.authz

import org.sonatype.nexus.security.privilege.NoSuchPrivilegeException
import org.sonatype.nexus.security.privilege.Privilege
import org.sonatype.nexus.security.role.NoSuchRoleException
import org.sonatype.nexus.security.role.Role
import standin.Channel

class AuthorizationManager
{
  String getSource() { 'default' }

  boolean supportsWrite() { true }

  Set<Role> listRoles() { Channel.ask('role.browse').collect { Role.of(it as Map) } as Set }

  Role getRole(final String roleId) {
    Role found = listRoles().find { it.roleId == roleId }
    if (found == null) {
      throw new NoSuchRoleException("Role not found: ${roleId}")
    }
    return found
  }

  Role addRole(final Role role) {
    Channel.ask('role.create', role.asMap())
    return getRole(role.roleId)
  }

  Role updateRole(final Role role) {
    Channel.ask('role.update', role.asMap())
    return getRole(role.roleId)
  }

  void deleteRole(final String roleId) { Channel.ask('role.delete', [id: roleId]) }

  Set<Privilege> listPrivileges() {
    return Channel.ask('privilege.browse').collect {
      new Privilege(
          id: it.name, name: it.name, description: it.description, type: it.type,
          readOnly: it.readOnly, properties: it.properties as Map)
    } as Set
  }

  Privilege getPrivilege(final String privilegeId) {
    Privilege found = listPrivileges().find { it.id == privilegeId }
    if (found == null) {
      throw new NoSuchPrivilegeException("Privilege not found: ${privilegeId}")
    }
    return found
  }
}
