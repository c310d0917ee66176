// A role of a user: by where it comes from, and its name.
package org.sonatype.nexus.security.role

import groovy.transform.EqualsAndHashCode

@EqualsAndHashCode
class RoleIdentifier
{
  String source
  String roleId

  RoleIdentifier(final String source, final String roleId) {
    this.source = source
    this.roleId = roleId
  }
}
