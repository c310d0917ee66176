// Runs the scripts that were uploaded to the stand-in, with the objects that Nexus binds for them.
// Source: ScriptServiceImpl.java and ScriptResource.groovy of nexus-public.
import javax.script.ScriptException

import standin.BlobStoreApi
import standin.Channel
import standin.Container
import standin.CoreApi
import standin.Log
import standin.RepositoryApi
import standin.SecurityApi

Channel.reader = new BufferedReader(new InputStreamReader(System.in, 'UTF-8'))
Channel.writer = new PrintStream(System.out, true, 'UTF-8')
// what a script prints must not get into the line to the stand-in
System.out = System.err

def run(Map job) {
  Channel.minor = job.minor as int
  def binding = new Binding(
      args: job.args?.trim(), log: new Log(), core: new CoreApi(), security: new SecurityApi(),
      repository: new RepositoryApi(), blobStore: new BlobStoreApi(), container: new Container())
  try {
    def result = new GroovyShell(this.class.classLoader, binding).evaluate(job.content as String)
    return [done: result.toString()]
  }
  catch (Throwable failure) {
    return [failed: new ScriptException(failure.toString()).toString()]
  }
}

while (true) {
  Channel.send(run(Channel.receive()))
}
