package org.sonatype.nexus.scheduling.schedule

/** When a task runs; {@code type} and {@code asMap} read as in Schedule.java. */
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
