// A repository's settings: RepositoryManager makes them.
package org.sonatype.nexus.repository.config

import org.sonatype.nexus.common.collect.NestedAttributesMap

interface Configuration
{
  String getRepositoryName()

  void setRepositoryName(String repositoryName)

  String getRecipeName()

  void setRecipeName(String recipeName)

  boolean isOnline()

  void setOnline(boolean online)

  Map<String, Map<String, Object>> getAttributes()

  void setAttributes(Map<String, Map<String, Object>> attributes)

  NestedAttributesMap attributes(String key)

  Configuration copy()
}
