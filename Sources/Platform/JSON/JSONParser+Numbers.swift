extension JSONParser {
  /// Reads a number; the position is at its sign or first digit.
  mutating func parseNumber() throws(JSONParseError) -> JSON {
    let start = position
    let isNegative = take(UInt8(ascii: "-"))
    guard let firstDigit = digit() else { throw error("a digit is expected here, not \(found)") }

    var magnitude = UInt64(0)
    var overflows = false
    if firstDigit == 0 {
      position += 1
      if digit() != nil { throw error("a number must not start with 0", at: start) }
    } else {
      while let next = digit() {
        let (product, overflow) = magnitude.multipliedReportingOverflow(by: 10)
        let (sum, overflowOfSum) = product.addingReportingOverflow(UInt64(next))
        magnitude = sum
        overflows = overflows || overflow || overflowOfSum
        position += 1
      }
    }

    var isDecimal = false
    if take(UInt8(ascii: ".")) {
      isDecimal = true
      try skipDigits()
    }
    if take(UInt8(ascii: "e")) || take(UInt8(ascii: "E")) {
      isDecimal = true
      if !take(UInt8(ascii: "+")) { _ = take(UInt8(ascii: "-")) }
      try skipDigits()
    }

    if !isDecimal, !overflows {
      if isNegative, magnitude == 0 { return .number(-0.0) }
      if isNegative, magnitude == UInt64(Int64.max) + 1 { return .integer(.min) }
      if let value = Int64(exactly: magnitude) { return .integer(isNegative ? -value : value) }
    }
    let text = String(decoding: bytes[start..<position], as: UTF8.self)
    guard isDecimal, let value = Double(text), value.isFinite else { return .bigNumber(text) }
    return .number(value)
  }

  private func digit() -> UInt8? {
    guard position < bytes.count, bytes[position] >= UInt8(ascii: "0"), bytes[position] <= UInt8(ascii: "9") else {
      return nil
    }
    return bytes[position] - UInt8(ascii: "0")
  }

  private mutating func skipDigits() throws(JSONParseError) {
    guard digit() != nil else { throw error("a digit is expected here, not \(found)") }
    while digit() != nil { position += 1 }
  }
}
