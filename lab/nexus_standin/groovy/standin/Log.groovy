// What scripts know as log: the stand-in shows it among its own lines.
package standin

class Log
{
  void trace(String text, Object... parts) {}

  void debug(String text, Object... parts) {}

  void info(String text, Object... parts) { show('INFO', text, parts) }

  void warn(String text, Object... parts) { show('WARN', text, parts) }

  void error(String text, Object... parts) { show('ERROR', text, parts) }

  private static void show(String level, String text, Object[] parts) {
    parts.each { text = text.replaceFirst(/\{\}/, java.util.regex.Matcher.quoteReplacement("$it")) }
    Channel.ask('log', [level: level, text: text])
  }
}
