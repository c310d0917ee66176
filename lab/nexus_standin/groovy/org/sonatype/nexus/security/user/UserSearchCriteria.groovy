// Which users a script looks for.
package org.sonatype.nexus.security.user

class UserSearchCriteria
{
  String userId
  String source
  String email

  UserSearchCriteria() {}

  UserSearchCriteria(final String userId) { this.userId = userId }
}
