// The file of the first password, from 3.17 on; a changed password leaves it where it is.
package org.sonatype.nexus.security.config

import standin.Channel

class AdminPasswordFileManager
{
  boolean exists() { Channel.ask('passwordFile.exists') }

  void removeFile() { Channel.ask('passwordFile.remove') }
}
