package import Concurrency

/// When something is due again and again: a cron expression as the original reads it.
///
/// - 6 fields: second, minute, hour, day of month, month, day of week; 5 fields: the same without the day of week
///   (this is not the classic crontab, whose first field is the minute).
/// - A field is a list of `*`, `?`, `n`, `a-b`, each also with `/step`; `n/step` runs from n to the maximum. Months and
///   days of the week also by their English names of three letters; Sunday is 0.
/// - Day of month and day of week must both match if one of them contains a star (`*/2` too); else one is enough.
/// - `@yearly @annually @monthly @weekly @daily @midnight @hourly`, and `@every` with a duration such as `1h30m`: whole
///   seconds, at least one, counted from the moment of the question.
package struct Schedule: Sendable, Hashable, CustomStringConvertible {
  /// As written.
  package let text: String
  let timing: Timing

  enum Timing: Sendable, Hashable {
    case calendar(CalendarFields)
    /// Seconds.
    case every(Int64)
  }

  package init(_ text: String) throws(ScheduleError) {
    self.text = text
    self.timing = try ScheduleParser.parse(text)
  }

  package var description: String { text }

  /// The first moment after `moment` at which the schedule is due, a whole second; nil if there is none before the
  /// end of the fifth year after that of `moment` (`0 0 0 30 2 *`).
  ///
  /// In a zone with summer time the schedule is due whenever the clock on the wall shows a matching time: never on the
  /// day when that hour is left out, twice on the day when it is repeated.
  package func next(after moment: Timestamp, in zone: ZoneInfo) -> Timestamp? {
    let milliseconds = moment.millisecondsSinceEpoch
    let second = milliseconds.flooredDivision(by: 1_000).quotient
    let next: Int64?
    switch timing {
    case .every(let seconds): next = second + seconds
    case .calendar(let fields): next = Self.next(of: fields, notBefore: second + 1, in: zone)
    }
    return next.map { Timestamp(millisecondsSinceEpoch: $0 * 1_000) }
  }

  /// Between two changes of the zone's offset the wall clock runs evenly: each such period is searched on its own.
  private static func next(of fields: CalendarFields, notBefore start: Int64, in zone: ZoneInfo) -> Int64? {
    var second = start
    var period = zone.period(at: second)
    let lastYear = CivilTime(secondsSinceEpoch: second + period.offset).year + 5
    while true {
      let end = period.end.map { $0 + period.offset }
      switch fields.firstMatch(from: second + period.offset, before: end, lastYear: lastYear) {
      case .found(let wallSecond): return wallSecond - period.offset
      case .yearsExhausted: return nil
      case .endReached:
        guard let next = period.end else { return nil }
        second = next
        period = zone.period(at: second)
      }
    }
  }
}

/// Why a text is no schedule.
package struct ScheduleError: Error, Sendable, Hashable, CustomStringConvertible {
  package var schedule: String
  /// The original's words where it refuses the schedule too.
  package var originalText: String

  package var description: String {
    if schedule.isEmpty { return "the schedule is empty; write 5 or 6 fields, or one like @hourly" }
    return "the schedule '\(schedule)' is wrong: \(originalText)"
  }
}
