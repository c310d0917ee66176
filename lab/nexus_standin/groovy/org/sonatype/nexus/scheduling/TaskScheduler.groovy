// Tasks for scripts. Source: TaskScheduler.java; its list is really called listsTasks.
package org.sonatype.nexus.scheduling

import org.sonatype.nexus.scheduling.schedule.Schedule
import org.sonatype.nexus.scheduling.schedule.ScheduleFactory
import standin.Channel

class TaskScheduler
{
  ScheduleFactory scheduleFactory = new ScheduleFactory()

  List<TaskInfo> listsTasks() { Channel.ask('task.browse').collect { TaskInfo.of(it as Map) } }

  TaskInfo getTaskById(final String id) { listsTasks().find { it.id == id } }

  TaskConfiguration createTaskConfigurationInstance(final String typeId) {
    String name = Channel.ask('task.type', [type: typeId])
    return new TaskConfiguration(typeId: typeId, typeName: name, name: name)
  }

  /** Makes a task, or changes the one whose id the configuration has. */
  TaskInfo scheduleTask(final TaskConfiguration configuration, final Schedule schedule) {
    String id = Channel.ask('task.save', [
        id: configuration.id, type: configuration.typeId, name: configuration.name,
        enabled: configuration.enabled, alertEmail: configuration.alertEmail,
        properties: configuration.asMap(), frequency: schedule.frequency])
    return getTaskById(id)
  }
}
