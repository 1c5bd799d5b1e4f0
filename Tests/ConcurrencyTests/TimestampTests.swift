import Concurrency
import Testing

@Suite struct TimestampTests {
  @Test(
    arguments: [
      (0, "1970-01-01T00:00:00.000Z"), (1_795_578_774_123, "2026-11-25T03:52:54.123Z"),
      (-1, "1969-12-31T23:59:59.999Z"),
      (951_782_400_000, "2000-02-29T00:00:00.000Z"), (4_107_542_399_999, "2100-02-28T23:59:59.999Z"),
      (253_402_300_799_999, "9999-12-31T23:59:59.999Z"), (-62_167_219_200_000, "0000-01-01T00:00:00.000Z"),
    ] as [(Int64, String)])
  func textBothWays(milliseconds: Int64, text: String) {
    #expect(Timestamp(millisecondsSinceEpoch: milliseconds).description == text)
    #expect(Timestamp(text)?.millisecondsSinceEpoch == milliseconds)
  }

  @Test(arguments: [
    ("2026-11-25T03:52:54Z", "2026-11-25T03:52:54.000Z"), ("2026-11-25T03:52:54.1Z", "2026-11-25T03:52:54.100Z"),
    ("2026-11-25t03:52:54.123456789z", "2026-11-25T03:52:54.123Z"),
    ("2026-11-25 03:52:54+01:00", "2026-11-25T02:52:54.000Z"), ("2026-11-25T03:52:54-0530", "2026-11-25T09:22:54.000Z"),
  ])
  func readsOtherForms(text: String, normal: String) {
    #expect(Timestamp(text)?.description == normal)
  }

  @Test(arguments: [
    "", "2026", "2026-11-25", "2026-11-25T03:52:54", "2026-13-01T00:00:00Z", "2026-02-29T00:00:00Z",
    "2026-00-01T00:00:00Z",
    "2026-01-00T00:00:00Z", "2026-01-01T24:00:00Z", "2026-01-01T00:60:00Z", "2026-01-01T00:00:60Z",
    "2026-01-01T00:00:00.Z",
    "2026-01-01T00:00:00Zx", "2026-01-01T00:00:00+1:00", "2026-01-01T00:00:00+25:00", "+026-01-01T00:00:00Z",
  ])
  func refuses(text: String) {
    #expect(Timestamp(text) == nil)
  }

  @Test func arithmetic() throws {
    let start = try #require(Timestamp("2024-02-28T23:59:59.500Z"))
    #expect((start + .milliseconds(600)).description == "2024-02-29T00:00:00.100Z")
    #expect((start - .seconds(86_400)).description == "2024-02-27T23:59:59.500Z")
    #expect((start + .seconds(1)) - start == .seconds(1))
    #expect(start < start + .milliseconds(1))
    #expect(start + .microseconds(999) == start)
    #expect(Duration.milliseconds(-1_500).wholeMilliseconds == -1_500)
    #expect(Duration.milliseconds(1_500).inSeconds == 1.5)
  }

  @Test func civilDatesAreExactOverTwoThousandYears() throws {
    var date = try #require(CivilDate(year: 999, month: 12, day: 31))
    for days in date.daysSinceEpoch...(date.daysSinceEpoch + 2 * 365_243) {
      #expect(CivilDate(daysSinceEpoch: days) == date)
      if date.day < CivilDate.days(inMonth: date.month, ofYear: date.year) {
        date.day += 1
      } else if date.month < 12 {
        (date.month, date.day) = (date.month + 1, 1)
      } else {
        (date.year, date.month, date.day) = (date.year + 1, 1, 1)
      }
    }
  }

  @Test func weekdays() throws {
    #expect(CivilDate(year: 2026, month: 11, day: 25)?.weekday == 3)
    #expect(CivilDate(year: 1970, month: 1, day: 1)?.weekday == 4)
    #expect(CivilDate(year: 1969, month: 12, day: 28)?.weekday == 0)
    #expect(CivilDate(year: 2023, month: 2, day: 29) == nil)
  }
}
