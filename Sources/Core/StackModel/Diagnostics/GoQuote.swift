/// Quoting as the Go library does it in the error texts that the original passes on.
enum GoQuote {
  /// `strconv.Quote`: Go's escapes, printable characters as they are.
  static func inStrconv(_ text: String) -> String {
    var quoted = "\""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "\"": quoted += "\\\""
      case "\\": quoted += "\\\\"
      case "\u{07}": quoted += "\\a"
      case "\u{08}": quoted += "\\b"
      case "\u{0C}": quoted += "\\f"
      case "\n": quoted += "\\n"
      case "\r": quoted += "\\r"
      case "\t": quoted += "\\t"
      case "\u{0B}": quoted += "\\v"
      default:
        if isPrintable(scalar) {
          quoted.unicodeScalars.append(scalar)
        } else if scalar.value < 0x20 || scalar.value == 0x7F {
          quoted += "\\x" + hex(scalar.value, digits: 2)
        } else if scalar.value < 0x10000 {
          quoted += "\\u" + hex(scalar.value, digits: 4)
        } else {
          quoted += "\\U" + hex(scalar.value, digits: 8)
        }
      }
    }
    return quoted + "\""
  }

  /// The private `quote` of package `time`: every byte that is not printable ASCII as `\xNN`.
  static func inTime(_ text: String) -> String {
    var quoted = "\""
    for byte in text.utf8 {
      switch byte {
      case UInt8(ascii: "\""), UInt8(ascii: "\\"): quoted += "\\" + String(UnicodeScalar(byte))
      // DEL passes, as in Go.
      case 0x20..<0x80: quoted += String(UnicodeScalar(byte))
      default: quoted += "\\x" + hex(UInt32(byte), digits: 2)
      }
    }
    return quoted + "\""
  }

  /// As `unicode.IsPrint`: letters, marks, numbers, punctuation, symbols, and of the spaces only U+0020.
  private static func isPrintable(_ scalar: Unicode.Scalar) -> Bool {
    switch scalar.properties.generalCategory {
    case .control, .format, .surrogate, .privateUse, .unassigned, .lineSeparator, .paragraphSeparator: false
    case .spaceSeparator: scalar == " "
    default: true
    }
  }

  private static func hex(_ value: UInt32, digits: Int) -> String {
    let text = String(value, radix: 16)
    return String(repeating: "0", count: max(0, digits - text.count)) + text
  }
}
