package org.sonatype.nexus.repository

import org.sonatype.nexus.repository.config.Configuration

/** A repository as a script sees it; a copy, which changes nothing by itself. */
class Repository
{
  String name
  String url
  Named format
  Named type
  Configuration configuration

  static Repository of(Map answer) {
    return new Repository(
        name: answer.name, url: answer.url, format: new Named(value: answer.format),
        type: new Named(value: answer.type),
        configuration: Configuration.of(
            answer.name as String, "${answer.format}-${answer.type}", answer.online as boolean,
            answer.attributes as Map))
  }

  String toString() { "RepositoryImpl\$\$Guice{type=${type}, format=${format}, name='${name}'}" }
}
