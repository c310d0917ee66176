// Makes schedules.
// Source: ScheduleFactory.java; days are numbers here where Nexus has classes of its own.
package org.sonatype.nexus.scheduling.schedule

class ScheduleFactory
{
  Schedule manual() { new Schedule([schedule: 'manual']) }

  Schedule once(final Date start) { starting('once', start) }

  Schedule hourly(final Date start) { starting('hourly', start) }

  Schedule daily(final Date start) { starting('daily', start) }

  Schedule cron(final Date start, final String expression) {
    return new Schedule([schedule: 'cron', cronExpression: expression])
  }

  private static Schedule starting(String type, Date start) {
    return new Schedule([schedule: type, startDate: start.time.intdiv(1000)])
  }
}
