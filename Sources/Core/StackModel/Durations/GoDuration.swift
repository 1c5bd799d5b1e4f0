/// Durations as Go writes and reads them: `1h30m`, `500ms`, `1.5h`, `-2m3.5s`.
///
/// The original takes them in `@every` schedules and prints them in answers; ours also stand in health checks and
/// flags. Range and precision are Go's: whole nanoseconds in 64 bits, about ±292 years.
package enum GoDuration {
  /// The units, each in nanoseconds, from the smallest to the largest.
  private static let units: [(name: String, nanoseconds: UInt64)] = [
    ("ns", 1), ("us", 1_000), ("µs", 1_000), ("μs", 1_000), ("ms", 1_000_000), ("s", 1_000_000_000),
    ("m", 60_000_000_000), ("h", 3_600_000_000_000),
  ]

  /// The units that error messages offer: one spelling each.
  package static let knownUnits = ["h", "m", "s", "ms", "us", "ns"]

  package static func parse(_ text: String) throws(GoDurationError) -> Duration {
    var rest = text.utf8[...]
    func invalid(_ reason: GoDurationError.Reason = .malformed) -> GoDurationError {
      GoDurationError(text: text, reason: reason)
    }

    var negative = false
    if let sign = rest.first, sign == UInt8(ascii: "-") || sign == UInt8(ascii: "+") {
      negative = sign == UInt8(ascii: "-")
      rest.removeFirst()
    }
    if rest.elementsEqual("0".utf8) { return .zero }
    if rest.isEmpty { throw invalid() }

    var total: UInt64 = 0
    while let first = rest.first {
      guard isDigitOrPoint(first) else { throw invalid() }
      guard let whole = takeWhole(&rest) else { throw invalid(.outOfRange) }
      var fraction = Fraction()
      if rest.first == UInt8(ascii: ".") {
        rest.removeFirst()
        fraction = takeFraction(&rest)
      }
      guard whole.digits > 0 || fraction.digits > 0 else { throw invalid() }

      let unitName = rest.prefix { !isDigitOrPoint($0) }
      rest = rest[unitName.endIndex...]
      if unitName.isEmpty { throw invalid(.missingUnit) }
      guard let unit = units.first(where: { $0.name.utf8.elementsEqual(unitName) })?.nanoseconds else {
        throw invalid(.unknownUnit(String(unitName) ?? ""))
      }
      // As Go computes: the sum may reach 2^63, which only a negative duration may keep.
      let limit: UInt64 = 1 << 63
      guard whole.value <= limit / unit else { throw invalid(.outOfRange) }
      var part = whole.value * unit
      if fraction.value > 0 {
        part += UInt64(Double(fraction.value) * (Double(unit) / fraction.scale))
        guard part <= limit else { throw invalid(.outOfRange) }
      }
      guard part <= limit - total else { throw invalid(.outOfRange) }
      total += part
    }
    if negative { return .nanoseconds(Int64(truncatingIfNeeded: 0 &- total)) }
    guard let nanoseconds = Int64(exactly: total) else { throw invalid(.outOfRange) }
    return .nanoseconds(nanoseconds)
  }

  /// The duration as Go prints it: `1h30m0s`, `1.5s`, `500ms`, `0s`. Cut to whole nanoseconds.
  package static func text(_ duration: Duration) -> String {
    let nanoseconds = duration.wholeNanoseconds
    if nanoseconds == 0 { return "0s" }
    let sign = nanoseconds < 0 ? "-" : ""
    let magnitude = nanoseconds.magnitude
    switch magnitude {
    case ..<1_000: return "\(sign)\(magnitude)ns"
    case ..<1_000_000: return sign + decimal(magnitude, per: 1_000) + "µs"
    case ..<1_000_000_000: return sign + decimal(magnitude, per: 1_000_000) + "ms"
    default: break
    }
    let seconds = magnitude / 1_000_000_000
    let rest = decimal(magnitude % 60_000_000_000, per: 1_000_000_000) + "s"
    if seconds < 60 { return sign + rest }
    let minutes = "\(seconds / 60 % 60)m"
    return seconds < 3_600 ? sign + minutes + rest : "\(sign)\(seconds / 3_600)h\(minutes)\(rest)"
  }

  private static func decimal(_ value: UInt64, per unit: UInt64) -> String {
    var fraction = value % unit
    var digits = ""
    var place = unit / 10
    while fraction > 0 {
      digits += "\(fraction / place)"
      fraction %= place
      place /= 10
    }
    return digits.isEmpty ? "\(value / unit)" : "\(value / unit).\(digits)"
  }

  private static func isDigitOrPoint(_ byte: UInt8) -> Bool {
    byte == UInt8(ascii: ".") || isDigit(byte)
  }

  private static func isDigit(_ byte: UInt8) -> Bool {
    (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
  }

  /// The digits at the front, or nil if their value is above 2^63.
  private static func takeWhole(_ rest: inout Substring.UTF8View) -> (value: UInt64, digits: Int)? {
    var value: UInt64 = 0
    var digits = 0
    while let byte = rest.first, isDigit(byte) {
      guard value <= (1 << 63) / 10 else { return nil }
      value = value * 10 + UInt64(byte - UInt8(ascii: "0"))
      guard value <= 1 << 63 else { return nil }
      digits += 1
      rest.removeFirst()
    }
    return (value, digits)
  }

  private struct Fraction {
    var value: UInt64 = 0
    var scale = 1.0
    var digits = 0
  }

  /// The digits behind the point; those that no longer fit are dropped, as Go does.
  private static func takeFraction(_ rest: inout Substring.UTF8View) -> Fraction {
    var fraction = Fraction()
    var overflow = false
    while let byte = rest.first, isDigit(byte) {
      rest.removeFirst()
      fraction.digits += 1
      if overflow { continue }
      if fraction.value > (1 << 63 - 1) / 10 {
        overflow = true
        continue
      }
      let value = fraction.value * 10 + UInt64(byte - UInt8(ascii: "0"))
      if value > 1 << 63 {
        overflow = true
        continue
      }
      fraction.value = value
      fraction.scale *= 10
    }
    return fraction
  }
}

extension Duration {
  /// Cut towards zero; at the ends of `Int64` where it does not fit.
  package var wholeNanoseconds: Int64 {
    let (seconds, attoseconds) = components
    let (product, overflow) = seconds.multipliedReportingOverflow(by: 1_000_000_000)
    let (sum, overflowed) = product.addingReportingOverflow(attoseconds / 1_000_000_000)
    return overflow || overflowed ? (seconds < 0 ? .min : .max) : sum
  }
}
