/// Numbers as Go's `strconv` reads and prints them; yaml.v2 leaves them to it.
enum GoNumber {
  /// `strconv.ParseInt(text, 0, 64)`: a sign, `0x`, `0o`, `0b`, a leading `0` for octal.
  static func integer(_ text: String) -> Int64? {
    var digits = text.utf8[...]
    var negative = false
    if let sign = digits.first, sign == UInt8(ascii: "+") || sign == UInt8(ascii: "-") {
      negative = sign == UInt8(ascii: "-")
      digits.removeFirst()
    }
    guard let magnitude = magnitude(digits) else { return nil }
    if negative { return magnitude <= 1 << 63 ? Int64(truncatingIfNeeded: 0 &- magnitude) : nil }
    return Int64(exactly: magnitude)
  }

  /// `strconv.ParseUint(text, 0, 64)`.
  static func unsigned(_ text: String) -> UInt64? {
    magnitude(text.utf8[...])
  }

  private static func magnitude(_ text: Substring.UTF8View) -> UInt64? {
    guard let first = text.first else { return nil }
    var digits = text
    var radix: UInt64 = 10
    if first == UInt8(ascii: "0") {
      digits.removeFirst()
      radix = 8
      if text.count >= 3, let letter = digits.first.map({ $0 | 0x20 }),
        let named = [UInt8(ascii: "x"): 16, UInt8(ascii: "o"): 8, UInt8(ascii: "b"): 2][letter] as UInt64?
      {
        digits.removeFirst()
        radix = named
      }
    }
    var value: UInt64 = 0
    for byte in digits {
      guard let digit = hexDigit(byte).map(UInt64.init), digit < radix else { return nil }
      let (product, overflow) = value.multipliedReportingOverflow(by: radix)
      let (sum, overflowed) = product.addingReportingOverflow(digit)
      if overflow || overflowed { return nil }
      value = sum
    }
    return value
  }

  /// `strconv.ParseFloat(text, 64)`, without underscores. `nil` too where the number is beyond a double, as Go reports
  /// that as an error.
  static func float(_ text: String) -> Double? {
    var rest = text.utf8[...]
    var negative = false
    var signed = false
    if let sign = rest.first, sign == UInt8(ascii: "+") || sign == UInt8(ascii: "-") {
      negative = sign == UInt8(ascii: "-")
      signed = true
      rest.removeFirst()
    }
    switch (Substring(rest).lowercased(), signed) {
    case ("inf", _), ("infinity", _): return negative ? -.infinity : .infinity
    case ("nan", false): return .nan
    default: break
    }
    let magnitude = Substring(rest)
    let isHex = magnitude.hasPrefix("0x") || magnitude.hasPrefix("0X")
    if isHex { rest = rest.dropFirst(2) }
    guard isFloatSyntax(rest, isHex: isHex), let value = Double(spelledOut(magnitude, isHex: isHex)), value.isFinite
    else { return nil }
    return negative ? -value : value
  }

  private static func isFloatSyntax(_ text: Substring.UTF8View, isHex: Bool) -> Bool {
    var rest = text
    var digits = 0
    func takeDigits() -> Int {
      var count = 0
      while let byte = rest.first, let digit = hexDigit(byte), isHex || digit < 10 {
        rest.removeFirst()
        count += 1
      }
      return count
    }
    digits += takeDigits()
    if rest.first == UInt8(ascii: ".") {
      rest.removeFirst()
      digits += takeDigits()
    }
    guard digits > 0 else { return false }
    guard let letter = rest.first else { return !isHex }
    guard letter | 0x20 == UInt8(ascii: isHex ? "p" : "e") else { return false }
    rest.removeFirst()
    if let sign = rest.first, sign == UInt8(ascii: "+") || sign == UInt8(ascii: "-") { rest.removeFirst() }
    return !rest.isEmpty && rest.allSatisfy { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }
  }

  /// With digits on both sides of the point, which `Double.init` wants and Go does not.
  private static func spelledOut(_ text: Substring, isHex: Bool) -> String {
    let start = isHex ? text.index(text.startIndex, offsetBy: 2) : text.startIndex
    guard let point = text.firstIndex(of: ".") else { return String(text) }
    let before = text[start..<point]
    let after = text[text.index(after: point)...]
    let needsDigit = after.first.map { !$0.isHexDigit || (!isHex && ($0 == "e" || $0 == "E")) } ?? true
    return (isHex ? "0x" : "") + (before.isEmpty ? "0" : before) + "." + (needsDigit ? "0" : "") + after
  }

  private static func hexDigit(_ byte: UInt8) -> UInt8? {
    switch byte {
    case UInt8(ascii: "0")...UInt8(ascii: "9"): byte - UInt8(ascii: "0")
    case UInt8(ascii: "a")...UInt8(ascii: "f"): byte - UInt8(ascii: "a") + 10
    case UInt8(ascii: "A")...UInt8(ascii: "F"): byte - UInt8(ascii: "A") + 10
    default: nil
    }
  }

  /// `strconv.FormatFloat(value, 'g', -1, 64)`: the shortest digits that read back the same, `1e+06` from a million on
  /// and `1e-05` below a ten-thousandth.
  static func text(_ value: Double) -> String {
    if value.isNaN { return "NaN" }
    if value.isInfinite { return value < 0 ? "-Inf" : "+Inf" }
    let sign = value.sign == .minus ? "-" : ""
    if value == 0 { return sign + "0" }
    let (digits, exponent) = shortestDigits(value.magnitude)
    if exponent < -4 || exponent >= 6 {
      let fraction = digits.dropFirst()
      let size = exponent.magnitude < 10 ? "0\(exponent.magnitude)" : "\(exponent.magnitude)"
      return sign + digits.prefix(1) + (fraction.isEmpty ? "" : "." + fraction) + "e" + (exponent < 0 ? "-" : "+")
        + size
    }
    if exponent < 0 { return sign + "0." + String(repeating: "0", count: -exponent - 1) + digits }
    let whole = exponent + 1
    if digits.count <= whole { return sign + digits + String(repeating: "0", count: whole - digits.count) }
    return sign + digits.prefix(whole) + "." + digits.dropFirst(whole)
  }

  /// The digits without a point, and the power of ten of the first one. Swift's own description is the shortest that
  /// reads back the same, too; only its layout differs.
  private static func shortestDigits(_ value: Double) -> (digits: String, exponent: Int) {
    let parts = value.description.lowercased().split(separator: "e")
    var exponent = parts.count > 1 ? Int(parts[1]) ?? 0 : 0
    let number = parts[0].split(separator: ".", omittingEmptySubsequences: false)
    let whole = number[0]
    let fraction = number.count > 1 ? number[1] : ""
    exponent += whole.count - 1
    var digits = Substring(whole + fraction)
    while digits.count > 1, digits.first == "0" {
      digits.removeFirst()
      exponent -= 1
    }
    while digits.count > 1, digits.last == "0" { digits.removeLast() }
    return (String(digits), exponent)
  }
}
