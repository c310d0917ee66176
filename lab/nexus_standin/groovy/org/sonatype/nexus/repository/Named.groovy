// A repository's format or type.
package org.sonatype.nexus.repository

class Named
{
  String value

  String toString() { value }
}
