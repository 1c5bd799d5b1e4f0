import Concurrency
import JSON
import Testing

@testable import StackModel

@Suite struct CronVectors {
  @Test func schedulesFireAsInTheOriginal() throws {
    try checkVectors("cron") { vector in
      let original = vector.output["next"]?.arrayValue?.compactMap(\.stringValue)
      let originalText = original?.joined(separator: " ") ?? vector.output["error"]?.stringValue ?? vector.output.text
      do {
        let schedule = try Schedule(vector.input["spec"]?.stringValue ?? "")
        let (start, zone) = try moment(vector.input["from"]?.stringValue ?? "")
        var moments: [String] = []
        var last = start
        for _ in 0..<(vector.input["n"]?.intValue ?? 0) {
          guard let next = schedule.next(after: last, in: zone) else {
            moments.append("never")
            break
          }
          moments.append(text(of: next, in: zone))
          last = next
        }
        return compare(moments.joined(separator: " "), with: originalText)
      } catch let error as ScheduleError {
        return compare(error.originalText, with: originalText)
      }
    }
  }

  /// A time of RFC 3339 and its zone: UTC or the offset at its end.
  private func moment(_ text: String) throws -> (Timestamp, ZoneInfo) {
    let zone: ZoneInfo
    if text.hasSuffix("Z") {
      zone = .utc
    } else {
      let digits = text.suffix(6)
      let minutes = (Int64(digits.dropFirst().prefix(2)) ?? 0) * 60 + (Int64(digits.suffix(2)) ?? 0)
      zone = ZoneInfo(name: String(digits), offset: (digits.first == "-" ? -60 : 60) * minutes)
    }
    return (try #require(Timestamp(text)), zone)
  }

  private func text(of moment: Timestamp, in zone: ZoneInfo) -> String {
    let offset = zone.period(at: 0).offset
    let shifted = Timestamp(millisecondsSinceEpoch: moment.millisecondsSinceEpoch + offset * 1_000)
    let suffix = offset == 0 ? "Z" : zone.name
    return shifted.description.prefix(19) + suffix
  }
}
