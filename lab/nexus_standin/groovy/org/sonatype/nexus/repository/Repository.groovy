// A repository as a script sees it; a copy, which changes nothing by itself.
package org.sonatype.nexus.repository

import org.sonatype.nexus.repository.config.Configuration
import standin.Made

class Repository
{
  String name
  String url
  Named format
  Named type
  Configuration configuration

  static Repository of(Map answer) {
    Configuration configuration = Made.configuration()
    configuration.repositoryName = answer.name
    configuration.recipeName = "${answer.format}-${answer.type}"
    configuration.online = answer.online
    configuration.attributes = answer.attributes as Map
    return new Repository(
        name: answer.name, url: answer.url, format: new Named(value: answer.format),
        type: new Named(value: answer.type), configuration: configuration)
  }

  String toString() { "RepositoryImpl\$\$Guice{type=${type}, format=${format}, name='${name}'}" }
}
