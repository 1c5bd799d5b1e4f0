/// Base64 as the `!!binary` tag takes it: the standard alphabet, padded, line breaks ignored.
enum YAMLBase64 {
  static func decode(_ text: String) -> [UInt8]? {
    let digits = text.utf8.filter { $0 != UInt8(ascii: "\n") && $0 != UInt8(ascii: "\r") }
    guard digits.count.isMultiple(of: 4) else { return nil }
    var bytes: [UInt8] = []
    bytes.reserveCapacity(digits.count / 4 * 3)
    for start in stride(from: 0, to: digits.count, by: 4) {
      let isLast = start + 4 == digits.count
      var padding = 0
      var bits: UInt32 = 0
      for digit in digits[start..<start + 4] {
        if digit == UInt8(ascii: "="), isLast {
          padding += 1
          bits <<= 6
        } else if padding == 0, let value = value(of: digit) {
          bits = bits << 6 | UInt32(value)
        } else {
          return nil
        }
      }
      guard padding <= 2 else { return nil }
      let group = [UInt8(bits >> 16 & 0xFF), UInt8(bits >> 8 & 0xFF), UInt8(bits & 0xFF)]
      bytes += group.dropLast(padding)
    }
    return bytes
  }

  private static func value(of digit: UInt8) -> UInt8? {
    switch digit {
    case UInt8(ascii: "A")...UInt8(ascii: "Z"): digit - UInt8(ascii: "A")
    case UInt8(ascii: "a")...UInt8(ascii: "z"): digit - UInt8(ascii: "a") + 26
    case UInt8(ascii: "0")...UInt8(ascii: "9"): digit - UInt8(ascii: "0") + 52
    case UInt8(ascii: "+"): 62
    case UInt8(ascii: "/"): 63
    default: nil
    }
  }
}
