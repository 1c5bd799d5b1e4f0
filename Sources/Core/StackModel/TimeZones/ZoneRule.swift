/// The yearly rule of a zone as POSIX writes it in the variable `TZ`: `CET-1CEST,M3.5.0,M10.5.0/3`.
struct ZoneRule: Sendable, Hashable {
  /// Seconds east of UTC (POSIX counts westwards).
  private var standardOffset: Int64
  private var summer: Summer?

  private struct Summer: Sendable, Hashable {
    var offset: Int64
    var start: Change
    var end: Change
  }

  /// A day of the year, and the wall clock's second of that day (may lie outside of it, by up to a week).
  private struct Change: Sendable, Hashable {
    enum Day: Sendable, Hashable {
      /// 1 to 365; February 29 is never counted.
      case julian(Int)
      /// 0 to 365, February 29 counted.
      case ordinal(Int)
      /// Week 5 is the last one.
      case weekday(month: Int, week: Int, weekday: Int)
    }

    var day: Day
    var second: Int64

    /// On the wall clock, seconds since 1970-01-01 00:00.
    func wallSecond(in year: Int) -> Int64 {
      let january = CivilDate.daysSinceEpoch(year: year, month: 1, day: 1)
      let dayNumber: Int64
      switch day {
      case .julian(let day):
        dayNumber = january + Int64(day) - (CivilDate.isLeap(year) && day >= 60 ? 0 : 1)
      case .ordinal(let day):
        dayNumber = january + Int64(day)
      case .weekday(let month, let week, let weekday):
        let first = CivilDate.daysSinceEpoch(year: year, month: month, day: 1)
        let date = CivilDate(daysSinceEpoch: first)
        var day = (weekday - date.weekday + 7) % 7 + (week - 1) * 7
        if day >= date.daysInMonth { day -= 7 }
        dayNumber = first + Int64(day)
      }
      return dayNumber * 86_400 + second
    }
  }

  func period(at second: Int64) -> ZoneInfo.Period {
    guard let summer else { return ZoneInfo.Period(offset: standardOffset, end: nil) }
    let year = CivilTime(secondsSinceEpoch: second + standardOffset).year
    // The neighbours too: near New Year the change before may lie in the other year, and times may leave their day.
    let changes = (year - 1...year + 1).flatMap { year in
      [
        (at: summer.start.wallSecond(in: year) - standardOffset, offset: summer.offset),
        (at: summer.end.wallSecond(in: year) - summer.offset, offset: standardOffset),
      ]
    }.sorted { $0.at < $1.at }
    let offset = changes.last { $0.at <= second }?.offset ?? standardOffset
    return ZoneInfo.Period(offset: offset, end: changes.first { $0.at > second }?.at)
  }

  init?(_ text: String) {
    var parser = RuleParser(text)
    guard parser.takeName(), let standard = parser.takeTime(hours: 24) else { return nil }
    standardOffset = -standard
    if parser.isAtEnd { return }
    guard parser.takeName() else { return nil }
    var offset = standardOffset + 3_600
    if !parser.isAt(",") {
      guard let summer = parser.takeTime(hours: 24) else { return nil }
      offset = -summer
    }
    guard let start = Self.takeChange(&parser), let end = Self.takeChange(&parser), parser.isAtEnd else { return nil }
    summer = Summer(offset: offset, start: start, end: end)
  }

  private static func takeChange(_ parser: inout RuleParser) -> Change? {
    guard parser.take(",") else { return nil }
    let day: Change.Day
    if parser.take("M") {
      guard let month = parser.takeNumber(1...12), parser.take("."), let week = parser.takeNumber(1...5),
        parser.take("."), let weekday = parser.takeNumber(0...6)
      else { return nil }
      day = .weekday(month: month, week: week, weekday: weekday)
    } else if parser.take("J") {
      guard let number = parser.takeNumber(1...365) else { return nil }
      day = .julian(number)
    } else {
      guard let number = parser.takeNumber(0...365) else { return nil }
      day = .ordinal(number)
    }
    guard parser.take("/") else { return Change(day: day, second: 7_200) }
    return parser.takeTime(hours: 167).map { Change(day: day, second: $0) }
  }
}

private struct RuleParser {
  private var rest: ArraySlice<UInt8>

  init(_ text: String) {
    rest = Array(text.utf8)[...]
  }

  var isAtEnd: Bool { rest.isEmpty }

  func isAt(_ character: Unicode.Scalar) -> Bool {
    rest.first == UInt8(ascii: character)
  }

  mutating func take(_ character: Unicode.Scalar) -> Bool {
    guard isAt(character) else { return false }
    rest.removeFirst()
    return true
  }

  /// The abbreviation of a zone: at least three letters, or anything in angle brackets.
  mutating func takeName() -> Bool {
    if take("<") {
      guard let end = rest.firstIndex(of: UInt8(ascii: ">")) else { return false }
      rest = rest[(end + 1)...]
      return true
    }
    let letters = rest.prefix { (UInt8(ascii: "a")...UInt8(ascii: "z")).contains($0 | 0x20) }
    rest = rest[letters.endIndex...]
    return letters.count >= 3
  }

  mutating func takeNumber(_ range: ClosedRange<Int>) -> Int? {
    let digits = rest.prefix { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }
    guard let number = Int(String(decoding: digits, as: UTF8.self)), range.contains(number) else { return nil }
    rest = rest[digits.endIndex...]
    return number
  }

  /// `[+-]hh[:mm[:ss]]` in seconds.
  mutating func takeTime(hours limit: Int) -> Int64? {
    let negative = take("-")
    if !negative { _ = take("+") }
    guard let hours = takeNumber(0...limit) else { return nil }
    var seconds = hours * 3_600
    for unit in [60, 1] where take(":") {
      guard let number = takeNumber(0...59) else { return nil }
      seconds += number * unit
    }
    return Int64(negative ? -seconds : seconds)
  }
}
