// When a task runs; type and asMap read as in Schedule.java.
package org.sonatype.nexus.scheduling.schedule

class Schedule
{
  final Map frequency

  Schedule(final Map frequency) { this.frequency = frequency }

  String getType() { frequency.schedule }

  String getCronExpression() { frequency.cronExpression }

  Map<String, String> asMap() {
    Map<String, String> shown = ['schedule.type': type]
    if (frequency.cronExpression) {
      shown['schedule.cronExpression'] = frequency.cronExpression as String
    }
    return shown
  }
}
