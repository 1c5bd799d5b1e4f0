/// Texts of values as Go's strconv and time packages read them.
package enum GoValue {
  static func bool(_ text: String) throws(InvalidValue) -> Bool {
    switch text {
    case "1", "t", "T", "TRUE", "true", "True": return true
    case "0", "f", "F", "FALSE", "false", "False": return false
    default: throw InvalidValue("must be true or false")
    }
  }

  /// Decimal, or with `0x`, `0o`, `0b` in front.
  static func integer(_ text: String, in range: ClosedRange<Int>) throws(InvalidValue) -> Int {
    guard let value = Int(text) ?? prefixed(text) else { throw InvalidValue("must be a whole number") }
    guard range.contains(value) else {
      if range.upperBound == Int.max { throw InvalidValue("must be at least \(range.lowerBound)") }
      if range.lowerBound == Int.min { throw InvalidValue("must be at most \(range.upperBound)") }
      throw InvalidValue("must be from \(range.lowerBound) to \(range.upperBound)")
    }
    return value
  }

  private static func prefixed(_ text: String) -> Int? {
    let isNegative = text.hasPrefix("-")
    let digits = text.drop { $0 == "-" || $0 == "+" }
    guard text.count - digits.count <= 1 else { return nil }
    for (prefix, radix) in [("0x", 16), ("0X", 16), ("0o", 8), ("0b", 2)] where digits.hasPrefix(prefix) {
      return Int((isNegative ? "-" : "") + digits.dropFirst(2), radix: radix)
    }
    return nil
  }

  private static let units: [(name: String, nanoseconds: Double)] = [
    ("ns", 1), ("us", 1e3), ("µs", 1e3), ("ms", 1e6), ("h", 3_600e9), ("m", 60e9), ("s", 1e9),
  ]

  /// `1h30m`, `1.5s`, `500ms`; `0` alone needs no unit.
  package static func duration(_ text: String) throws(InvalidValue) -> Duration {
    let invalid = InvalidValue("must be a duration such as 500ms, 10s or 1h30m")
    if text == "0" { return .zero }
    let isNegative = text.hasPrefix("-")
    var rest = Substring(text)
    if isNegative || text.hasPrefix("+") { rest.removeFirst() }
    guard !rest.isEmpty else { throw invalid }
    var nanoseconds = 0.0
    while !rest.isEmpty {
      let number = rest.prefix { $0.isASCII && ($0.isNumber || $0 == ".") }
      rest.removeFirst(number.count)
      guard let amount = Double(number), let unit = units.first(where: { rest.hasPrefix($0.name) }) else {
        throw invalid
      }
      rest.removeFirst(unit.name.count)
      nanoseconds += amount * unit.nanoseconds
    }
    guard nanoseconds < 9e18 else { throw InvalidValue("is too long a duration") }
    return .nanoseconds(isNegative ? -Int64(nanoseconds) : Int64(nanoseconds))
  }
}
