package org.sonatype.nexus.repository.config

import org.sonatype.nexus.common.collect.NestedAttributesMap
import standin.Channel

/** A repository's settings: a class that scripts may make before 3.21, an interface from then on. */
class Configuration
{
  private static boolean inside

  String repositoryName
  String recipeName
  boolean online
  Map<String, Map<String, Object>> attributes

  Configuration() {
    if (Channel.since(21) && !inside) {
      throw new InstantiationException('org.sonatype.nexus.repository.config.Configuration')
    }
  }

  static Configuration of(String name, String recipe, boolean online, Map attributes) {
    inside = true
    try {
      return new Configuration(repositoryName: name, recipeName: recipe, online: online,
          attributes: attributes)
    }
    finally {
      inside = false
    }
  }

  NestedAttributesMap attributes(final String key) {
    attributes = attributes ?: [:]
    if (attributes[key] == null) {
      attributes[key] = [:]
    }
    return new NestedAttributesMap(key, attributes[key])
  }

  Configuration copy() {
    Map copied = attributes?.collectEntries { key, part -> [key, new LinkedHashMap(part)] }
    return of(repositoryName, recipeName, online, copied as Map)
  }
}
