/// The values that each field of a cron expression allows: bit n for the value n.
struct CalendarFields: Sendable, Hashable {
  /// Set in `days` and `weekdays` where the field contains a star.
  static let star: UInt64 = 1 << 63

  var seconds: UInt64
  var minutes: UInt64
  var hours: UInt64
  var days: UInt64
  var months: UInt64
  /// Sunday is 0.
  var weekdays: UInt64

  func with(_ change: (inout CalendarFields) -> Void) -> CalendarFields {
    var copy = self
    change(&copy)
    return copy
  }

  enum SearchResult: Hashable {
    case found(Int64)
    case endReached
    case yearsExhausted
  }

  /// The first matching second from `start` on. All are seconds of a clock that runs evenly, counted from 1970-01-01
  /// 00:00 on that clock. The search ends before `end`, and behind the year `lastYear`.
  func firstMatch(from start: Int64, before end: Int64?, lastYear: Int) -> SearchResult {
    var (day, secondOfDay) = start.flooredDivision(by: 86_400)
    while true {
      if let end, day * 86_400 + secondOfDay >= end { return .endReached }
      let date = CivilDate(daysSinceEpoch: day)
      if date.year > lastYear { return .yearsExhausted }
      if !months.has(date.month) {
        day += Int64(date.daysInMonth - date.day + 1)
        secondOfDay = 0
        continue
      }
      if allows(date), let found = firstTime(from: secondOfDay) {
        let second = day * 86_400 + found
        if let end, second >= end { return .endReached }
        return .found(second)
      }
      day += 1
      secondOfDay = 0
    }
  }

  private func allows(_ date: CivilDate) -> Bool {
    let dayMatches = days.has(date.day)
    let weekdayMatches = weekdays.has(date.weekday)
    let bothMust = (days | weekdays) & Self.star != 0
    return bothMust ? dayMatches && weekdayMatches : dayMatches || weekdayMatches
  }

  /// The first matching second of a day from `secondOfDay` on. At most three attempts: a later minute or hour than the
  /// first one begins anew with the smallest allowed values.
  private func firstTime(from secondOfDay: Int64) -> Int64? {
    let (startHour, startMinute, startSecond) = (secondOfDay / 3_600, secondOfDay / 60 % 60, secondOfDay % 60)
    guard let anyMinute = minutes.first(from: 0), let anySecond = seconds.first(from: 0) else { return nil }
    guard var hour = hours.first(from: startHour) else { return nil }
    if hour == startHour, let minute = minutes.first(from: startMinute) {
      if minute > startMinute { return hour * 3_600 + minute * 60 + anySecond }
      if let second = seconds.first(from: startSecond) { return hour * 3_600 + minute * 60 + second }
      if let minute = minutes.first(from: startMinute + 1) { return hour * 3_600 + minute * 60 + anySecond }
    }
    if hour == startHour {
      guard let later = hours.first(from: startHour + 1) else { return nil }
      hour = later
    }
    return hour * 3_600 + anyMinute * 60 + anySecond
  }
}

extension UInt64 {
  fileprivate func has(_ value: Int) -> Bool {
    self & (1 << UInt64(value)) != 0
  }

  /// The lowest set bit from `value` on; the mark of a star is not counted.
  fileprivate func first(from value: Int64) -> Int64? {
    let rest = self & ~CalendarFields.star & (~0 << UInt64(value))
    return rest == 0 ? nil : Int64(rest.trailingZeroBitCount)
  }
}
