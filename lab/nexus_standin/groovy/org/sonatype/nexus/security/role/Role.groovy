// A role as a script sees and makes it.
package org.sonatype.nexus.security.role

class Role
{
  String roleId
  String name
  String source
  String description
  boolean readOnly
  Set<String> roles = []
  Set<String> privileges = []

  void addRole(final String id) { roles = roles + id }

  void addPrivilege(final String id) { privileges = privileges + id }

  static Role of(Map answer) {
    return new Role(
        roleId: answer.id, name: answer.name, source: 'default', description: answer.description,
        readOnly: answer.readOnly, roles: answer.roles as Set, privileges: answer.privileges as Set)
  }

  Map asMap() {
    return [id: roleId, name: name, description: description, roles: roles as List,
            privileges: privileges as List]
  }
}
