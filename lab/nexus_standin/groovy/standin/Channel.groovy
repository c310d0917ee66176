// The line to the stand-in: one JSON object a line, each way. What a script does to
// Nexus is asked here; a fault in the answer is thrown as the exception that Nexus would throw.
package standin

import groovy.json.JsonOutput
import groovy.json.JsonSlurper

class Channel
{
  static BufferedReader reader
  static PrintStream writer
  static int minor

  static Object ask(String operation, Map arguments = [:]) {
    send(ask: operation, with: arguments)
    Map answer = receive()
    if (answer.containsKey('fault')) {
      throw (Throwable) Class.forName(answer.fault.type as String)
          .getConstructor(String).newInstance(answer.fault.message as String)
    }
    return answer.answer
  }

  static void send(Map line) {
    writer.println(JsonOutput.toJson(line))
    writer.flush()
  }

  static Map receive() {
    String line = reader.readLine()
    if (line == null) {
      System.exit(0)
    }
    return new JsonSlurper().parseText(line) as Map
  }

  /** Whether the version that is played is 3.{@code minor} or later. */
  static boolean since(int minor) {
    return this.minor >= minor
  }
}
