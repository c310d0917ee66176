// Repositories for scripts. Source: RepositoryManager.java; newConfiguration came with 3.21.
package org.sonatype.nexus.repository.manager

import org.sonatype.nexus.repository.Repository
import org.sonatype.nexus.repository.config.Configuration
import standin.Channel
import standin.Made

class RepositoryManager
{
  Iterable<Repository> browse() {
    return Channel.ask('repository.browse').collect { Repository.of(it as Map) }
  }

  Repository get(final String name) {
    return browse().find { it.name.equalsIgnoreCase(name) }
  }

  boolean exists(final String name) { get(name) != null }

  Repository create(final Configuration configuration) { save('repository.create', configuration) }

  Repository update(final Configuration configuration) { save('repository.update', configuration) }

  void delete(final String name) { Channel.ask('repository.delete', [name: name]) }

  Configuration newConfiguration() {
    if (!Channel.since(21)) {
      throw new MissingMethodException('newConfiguration', RepositoryManager, [] as Object[])
    }
    return Made.configuration()
  }

  private Repository save(String operation, Configuration configuration) {
    Channel.ask(operation, [
        name: configuration.repositoryName, recipe: configuration.recipeName,
        online: configuration.online, attributes: configuration.attributes])
    return get(configuration.repositoryName)
  }
}
