import Concurrency
import Testing

@testable import StackModel

@Suite struct ScheduleTests {
  private func next(_ schedule: String, after start: String, in zone: ZoneInfo = .utc, count: Int = 1) throws
    -> [String]
  {
    let schedule = try Schedule(schedule)
    var moments: [String] = []
    var last = try #require(Timestamp(start))
    while moments.count < count, let next = schedule.next(after: last, in: zone) {
      moments.append(next.description.prefix(19) + "Z")
      last = next
    }
    return moments
  }

  @Test func fiveFieldsBeginWithTheSecond() throws {
    #expect(
      try next("*/15 * * * *", after: "2026-01-01T00:00:00Z", count: 2) == [
        "2026-01-01T00:00:15Z", "2026-01-01T00:00:30Z",
      ])
  }

  @Test func aDayThatNeverComesIsNeverDue() throws {
    #expect(try next("0 0 0 30 2 *", after: "2026-01-01T00:00:00Z") == [])
    #expect(try next("0 0 0 29 2 *", after: "2026-01-01T00:00:00Z") == ["2028-02-29T00:00:00Z"])
    // 2100 is no leap year: the next one is more than five years away.
    #expect(try next("0 0 0 29 2 *", after: "2096-03-01T00:00:00Z") == [])
    #expect(try next(", * * * * *", after: "2026-01-01T00:00:00Z") == [])
  }

  @Test func theFifthYearStillCounts() throws {
    // With the star in the day both must match: a first of January that is a Tuesday is next in 2030, a Wednesday in 2031.
    #expect(try next("0 0 0 */31 1 2", after: "2025-06-01T00:00:00Z") == ["2030-01-01T00:00:00Z"])
    #expect(try next("0 0 0 */31 1 3", after: "2025-06-01T00:00:00Z") == [])
  }

  @Test func aLeftOutHourIsNeverDue() throws {
    let berlin = try ZoneInfoTests.zone("Europe/Berlin")
    // 02:30 does not exist on 2026-03-29.
    #expect(
      try next("0 30 2 * * *", after: "2026-03-27T12:00:00Z", in: berlin, count: 2) == [
        "2026-03-28T01:30:00Z", "2026-03-30T00:30:00Z",
      ])
    #expect(try next("0 0 * * * *", after: "2026-03-29T00:30:00Z", in: berlin) == ["2026-03-29T01:00:00Z"])
  }

  @Test func aRepeatedHourIsDueTwice() throws {
    let berlin = try ZoneInfoTests.zone("Europe/Berlin")
    #expect(
      try next("0 30 2 25 10 *", after: "2026-10-24T12:00:00Z", in: berlin, count: 2) == [
        "2026-10-25T00:30:00Z", "2026-10-25T01:30:00Z",
      ])
  }

  @Test func midnightThatDoesNotExistIsSkipped() throws {
    // Summer time began at midnight there.
    let zone = try ZoneInfoTests.zone("America/Sao_Paulo")
    #expect(
      try next("0 0 0 * * *", after: "2018-11-03T12:00:00Z", in: zone, count: 2) == [
        "2018-11-05T02:00:00Z", "2018-11-06T02:00:00Z",
      ])
  }

  @Test func halfHoursOfAZoneAreHonoured() throws {
    let zone = try ZoneInfoTests.zone("Asia/Kolkata")
    #expect(try next("0 0 9 * * *", after: "2026-01-01T00:00:00Z", in: zone) == ["2026-01-01T03:30:00Z"])
  }

  /// Against a search second by second, around both changes of the clock.
  @Test(arguments: ["2026-03-29T00:15:00Z", "2026-10-25T00:15:00Z"])
  func findsWhatAPlainSearchFinds(start: String) throws {
    let berlin = try ZoneInfoTests.zone("Europe/Berlin")
    let start = try #require(Timestamp(start))
    var seed: UInt64 = 42
    func random(_ choices: [String]) -> String {
      seed = seed &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      return choices[Int(seed >> 33) % choices.count]
    }
    for _ in 0..<8 {
      let text = [
        random(["0", "*/7", "59", "10-20/5"]), random(["0", "30", "*/20", "59", "15/15"]),
        random(["*", "1-3", "2", "3,4"]),
        random(["*", "25,29", "*/2"]), random(["*", "3", "10"]), random(["*", "0", "sun-mon"]),
      ].joined(separator: " ")
      let schedule = try Schedule(text)
      guard case .calendar(let fields) = schedule.timing else { continue }
      let first = start.millisecondsSinceEpoch / 1_000
      let last = first + 2 * 3_600
      let expected = (first + 1...last).first { second in
        let time = CivilTime(secondsSinceEpoch: second + berlin.period(at: second).offset)
        func has(_ bits: UInt64, _ value: Int) -> Bool { bits >> UInt64(value) & 1 == 1 }
        let day = has(fields.days, time.date.day)
        let weekday = has(fields.weekdays, time.date.weekday)
        let star = (fields.days | fields.weekdays) & CalendarFields.star != 0
        return has(fields.seconds, time.secondOfDay % 60) && has(fields.minutes, time.secondOfDay / 60 % 60)
          && has(fields.hours, time.secondOfDay / 3_600) && has(fields.months, time.date.month)
          && (star ? day && weekday : day || weekday)
      }
      let found = schedule.next(after: start, in: berlin).map { $0.millisecondsSinceEpoch / 1_000 }
      #expect(found.flatMap { $0 <= last ? $0 : nil } == expected, "\(text)")
    }
  }

  @Test(arguments: [("*/0 * * * * *", "*/0"), ("* * * 1-5/0 *", "1-5/0"), ("0/0 * * * *", "0/0")])
  func aStepOfZeroIsRefused(schedule: String, range: String) {
    #expect {
      try Schedule(schedule)
    } throws: { error in
      "\(error)" == "the schedule '\(schedule)' is wrong: Step of range must be at least 1: \(range)"
    }
  }

  @Test(arguments: [
    ("", "runtime error: index out of range [0] with length 0"), ("   ", "Expected 5 or 6 fields, found 0:    "),
    ("*/-1 * * * *", "Negative number (-1) not allowed: -1"),
    (
      "99999999999999999999 * * * *",
      "Failed to parse int from 99999999999999999999: strconv.Atoi: parsing \"99999999999999999999\": value out of range"
    ),
    ("* * * 0 *", "Beginning of range (0) below minimum (1): 0"),
    ("é\u{7} * * * *", "Failed to parse int from é\u{7}: strconv.Atoi: parsing \"é\\a\": invalid syntax"),
  ])
  func refusesInTheWordsOfTheOriginal(schedule: String, words: String) {
    #expect {
      try Schedule(schedule)
    } throws: { error in
      (error as? ScheduleError)?.originalText == words
    }
  }

  @Test(arguments: [("@every 0s", 1), ("@every -5s", 1), ("@every 1h30m", 5_400), ("@every 2.9s", 2)])
  func everyCountsWholeSeconds(schedule: String, seconds: Int64) throws {
    #expect(try Schedule(schedule).timing == .every(seconds))
  }
}
