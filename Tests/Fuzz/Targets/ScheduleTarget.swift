import Concurrency
import Glibc

@testable import StackModel

extension FuzzTarget {
  /// The schedule, the moment in milliseconds, and the zone: `UTC`, an offset in seconds, or the name of a zone.
  static let schedule = FuzzTarget(
    name: "schedule", summary: "cron expressions; then lines with the moment and the zone", longestInput: 256
  ) { bytes in
    let lines = lines(bytes)
    guard let schedule = try? Schedule(lines[0]) else { return }
    let number = lines.count > 1 ? Int64(lines[1]) ?? 1_700_000_000_000 : 1_700_000_000_000
    // From the year 1 to the year 9999.
    let moment = Timestamp(millisecondsSinceEpoch: number % 253_000_000_000_000)
    let zone = zone(named: lines.count > 2 ? lines[2] : "UTC")
    guard let next = schedule.next(after: moment, in: zone) else { return }
    try require(next > moment, "\(next) is not after \(moment)")
    try require(next.millisecondsSinceEpoch % 1_000 == 0, "\(next) is no whole second")
    guard case .calendar(let fields) = schedule.timing else { return }

    let second = next.millisecondsSinceEpoch.flooredDivision(by: 1_000).quotient
    try require(matches(fields, second, zone), "\(next) does not match \(lines[0])")
    // None was passed over.
    let start = moment.millisecondsSinceEpoch.flooredDivision(by: 1_000).quotient + 1
    for earlier in start..<min(second, start + 300) {
      try require(!matches(fields, earlier, zone), "\(earlier) matches \(lines[0]) and comes before \(next)")
    }
    for earlier in max(start, second - 300)..<second {
      try require(!matches(fields, earlier, zone), "\(earlier) matches \(lines[0]) and comes before \(next)")
    }
  }

  private static func matches(_ fields: CalendarFields, _ second: Int64, _ zone: ZoneInfo) -> Bool {
    let time = CivilTime(secondsSinceEpoch: second + zone.period(at: second).offset)
    func has(_ bits: UInt64, _ value: Int) -> Bool { bits >> UInt64(value) & 1 == 1 }
    let day = has(fields.days, time.date.day)
    let weekday = has(fields.weekdays, time.date.weekday)
    let star = (fields.days | fields.weekdays) >> 63 == 1
    return has(fields.seconds, time.secondOfDay % 60) && has(fields.minutes, time.secondOfDay / 60 % 60)
      && has(fields.hours, time.secondOfDay / 3_600) && has(fields.months, time.date.month)
      && (star ? day && weekday : day || weekday)
  }

  private static func zone(named name: String) -> ZoneInfo {
    if let offset = Int64(name) { return ZoneInfo(name: "fixed", offset: offset % 93_600) }
    let folder = "/usr/share/zoneinfo/"
    return (try? ZoneInfo(named: name) { contents(of: folder + $0) }) ?? .utc
  }

  private static func contents(of path: String) -> [UInt8]? {
    let file = open(path, O_RDONLY | O_CLOEXEC)
    guard file >= 0 else { return nil }
    defer { close(file) }
    var bytes = [UInt8](repeating: 0, count: 64 << 10)
    let count = read(file, &bytes, bytes.count)
    return count > 0 ? Array(bytes[..<count]) : nil
  }
}
