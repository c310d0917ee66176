// Blocks of attributes, as repositories and blob stores have them.
package standin

import org.sonatype.nexus.common.collect.NestedAttributesMap

class Blocks
{
  static NestedAttributesMap block(Map<String, Map<String, Object>> attributes, String key) {
    if (attributes[key] == null) {
      attributes[key] = [:]
    }
    return new NestedAttributesMap(key, attributes[key])
  }

  static Map copy(Map<String, Map<String, Object>> attributes) {
    return attributes?.collectEntries { key, part -> [key, new LinkedHashMap(part)] } as Map
  }
}
