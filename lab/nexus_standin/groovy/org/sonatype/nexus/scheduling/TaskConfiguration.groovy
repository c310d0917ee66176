// A task's settings. Source: TaskConfiguration.java: everything of a task is text in one map.
package org.sonatype.nexus.scheduling

class TaskConfiguration
{
  String id
  String name
  String typeId
  String typeName
  String alertEmail
  String message
  boolean enabled = true
  boolean visible = true
  private final Map<String, String> settings = [:]

  void setString(final String key, final String value) {
    value == null ? settings.remove(key) : settings.put(key, value)
  }

  String getString(final String key) { settings[key] }

  String getString(final String key, final String fallback) { settings[key] ?: fallback }

  void setBoolean(final String key, final boolean value) { setString(key, value.toString()) }

  boolean getBoolean(final String key, final boolean fallback) {
    return settings.containsKey(key) ? settings[key].toBoolean() : fallback
  }

  void setInteger(final String key, final int value) { setString(key, value.toString()) }

  int getInteger(final String key, final int fallback) {
    return settings.containsKey(key) ? settings[key].toInteger() : fallback
  }

  Map<String, String> asMap() { new LinkedHashMap(settings) }
}
