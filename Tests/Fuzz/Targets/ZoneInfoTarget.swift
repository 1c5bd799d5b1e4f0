import StackModel

extension FuzzTarget {
  static let zoneInfo = FuzzTarget(
    name: "zone-info", summary: "compiled files of time zones", longestInput: 4_096
  ) { bytes in
    guard let zone = try? ZoneInfo(name: "Test/Zone", file: bytes) else { return }
    let years = stride(from: Int64(-100), through: 300, by: 50)
    for start in years.map({ $0 * 31_556_952 }) {
      var second = start
      // One period after another, none of which may stand still.
      for _ in 0..<50 {
        let period = zone.period(at: second)
        try require(abs(period.offset) <= 26 * 3_600, "an offset of \(period.offset) seconds")
        guard let end = period.end else { break }
        try require(end > second, "the period at \(second) ends at \(end)")
        second = end
      }
    }
  }
}
