import Concurrency
import Glibc
import Testing

@testable import StackModel

@Suite struct ZoneInfoTests {
  /// Debian's tzdata, which is there wherever the tests run.
  static func zone(_ name: String) throws -> ZoneInfo {
    try ZoneInfo(named: name) { path in
      guard let file = fopen("/usr/share/zoneinfo/" + path, "re") else { return nil }
      defer { fclose(file) }
      var buffer = [UInt8](repeating: 0, count: 1 << 16)
      return Array(buffer[..<fread(&buffer, 1, buffer.count, file)])
    }
  }

  // Against `TZ=… date -d …`.
  @Test(arguments: [
    ("Europe/Berlin", "2026-01-15T12:00:00Z", 3_600), ("Europe/Berlin", "2026-07-15T12:00:00Z", 7_200),
    ("Europe/Berlin", "2026-03-29T00:59:59Z", 3_600), ("Europe/Berlin", "2026-03-29T01:00:00Z", 7_200),
    ("Europe/Berlin", "2026-10-25T00:59:59Z", 7_200), ("Europe/Berlin", "2026-10-25T01:00:00Z", 3_600),
    ("Europe/Berlin", "2126-07-15T12:00:00Z", 7_200), ("Europe/Berlin", "1890-01-01T00:00:00Z", 3_208),
    ("America/New_York", "2040-12-01T00:00:00Z", -18_000), ("America/New_York", "2040-07-01T00:00:00Z", -14_400),
    ("Australia/Lord_Howe", "2050-01-01T00:00:00Z", 39_600), ("Australia/Lord_Howe", "2050-07-01T00:00:00Z", 37_800),
    ("Asia/Kathmandu", "2050-07-01T00:00:00Z", 20_700), ("Europe/Dublin", "2050-07-01T00:00:00Z", 3_600),
    ("Africa/Casablanca", "2026-02-25T00:00:00Z", 0), ("UTC", "2026-02-25T00:00:00Z", 0),
  ])
  func offsets(name: String, moment: String, offset: Int64) throws {
    let second = try #require(Timestamp(moment)).millisecondsSinceEpoch / 1_000
    let period = try Self.zone(name).period(at: second)
    #expect(period.offset == offset)
    #expect(period.end.map { $0 > second } ?? true)
  }

  @Test(arguments: ["../etc/passwd", "/etc/passwd", "", "Europe//Berlin", "a\0b", "Europe/.hidden"])
  func namesThatLeaveTheFolderAreRefused(name: String) {
    #expect(throws: ZoneInfoError(zone: name, reason: .badName)) {
      try ZoneInfo(named: name) { _ in
        Issue.record("read was called")
        return nil
      }
    }
  }

  @Test func anUnknownZoneIsNamed() {
    #expect(throws: ZoneInfoError(zone: "Mars/Olympus", reason: .unknown)) { try Self.zone("Mars/Olympus") }
  }

  @Test func aFileCutAnywhereIsRefusedOrUsable() throws {
    var whole: [UInt8] = []
    _ = try ZoneInfo(named: "Europe/Berlin") { _ in
      guard let file = fopen("/usr/share/zoneinfo/Europe/Berlin", "re") else { return nil }
      defer { fclose(file) }
      var buffer = [UInt8](repeating: 0, count: 1 << 16)
      whole = Array(buffer[..<fread(&buffer, 1, buffer.count, file)])
      return whole
    }
    for length in 0..<whole.count {
      #expect(throws: ZoneInfoError.self) { try ZoneInfo(name: "cut", file: Array(whole[..<length])) }
    }
  }

  @Test(
    arguments: [
      "CET", "CET-1CEST,M3.5.0,M10.5.0/3", "<+0330>-3:30", "EST5EDT,J60/2,300/-1:30", "IST-1GMT0,M10.5.0,M3.5.0/1",
    ].enumerated().map { ($0.offset, $0.element) })
  func rules(index: Int, text: String) {
    // The first lacks the offset, which POSIX demands.
    #expect((ZoneRule(text) == nil) == (index == 0))
  }

  @Test func aJulianDayDoesNotCountTheLeapDay() throws {
    let rule = try #require(ZoneRule("AAA0BBB,J60/0,J300/0"))
    let march = { (year: Int) in CivilDate.daysSinceEpoch(year: year, month: 3, day: 1) * 86_400 }
    for year in [2023, 2024] {
      #expect(rule.period(at: march(year) - 1).offset == 0)
      #expect(rule.period(at: march(year)).offset == 3_600)
    }
  }
}
