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
