// A privilege as a script sees it; here they are read, not made.
package org.sonatype.nexus.security.privilege

class Privilege
{
  String id
  String name
  String description
  String type
  boolean readOnly
  Map<String, String> properties
}
