package org.sonatype.nexus.security.privilege

/** A privilege as a script sees it; here they are read, not made. */
class Privilege
{
  String id
  String name
  String description
  String type
  boolean readOnly
  Map<String, String> properties
}
