package org.sonatype.nexus.repository

/** A repository's format or type. */
class Named
{
  String value

  String toString() { value }
}
