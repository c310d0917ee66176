// A task as a script sees it. Source: TaskInfo.java.
package org.sonatype.nexus.scheduling

import org.sonatype.nexus.scheduling.schedule.Schedule
import standin.Channel

class TaskInfo
{
  String id
  String name
  String typeId
  TaskConfiguration configuration
  Schedule schedule

  static TaskInfo of(Map answer) {
    TaskConfiguration configuration = new TaskConfiguration(
        id: answer.id, name: answer.name, typeId: answer.type, alertEmail: answer.alertEmail,
        enabled: answer.enabled)
    answer.properties.each { key, value -> configuration.setString(key as String, value as String) }
    return new TaskInfo(
        id: answer.id, name: answer.name, typeId: answer.type, configuration: configuration,
        schedule: new Schedule(answer.frequency as Map))
  }

  boolean remove() {
    Channel.ask('task.delete', [id: id])
    return true
  }

  void runNow() { Channel.ask('task.run', [id: id]) }
}
