// One block of attributes, written through to the map that it was taken from.
package org.sonatype.nexus.common.collect

class NestedAttributesMap
{
  final String key
  private final Map<String, Object> backing

  NestedAttributesMap(final String key, final Map<String, Object> backing) {
    this.key = key
    this.backing = backing
  }

  Map<String, Object> backing() { backing }

  Object get(final String name) { backing[name] }

  Object get(final String name, final Object fallback) { backing[name] ?: fallback }

  Object set(final String name, final Object value) {
    value == null ? backing.remove(name) : backing.put(name, value)
  }

  Object remove(final String name) { backing.remove(name) }

  boolean contains(final String name) { backing.containsKey(name) }

  boolean isEmpty() { backing.isEmpty() }

  void clear() { backing.clear() }

  NestedAttributesMap child(final String name) {
    if (backing[name] == null) {
      backing[name] = [:]
    }
    return new NestedAttributesMap(name, backing[name] as Map)
  }
}
