/// Escapes inside double quotes, without the backslash.
enum YAMLEscape {
  static func of(_ scalar: Unicode.Scalar) -> String {
    switch scalar.value {
    case 0x00: return "0"
    case 0x07: return "a"
    case 0x08: return "b"
    case 0x09: return "t"
    case 0x0A: return "n"
    case 0x0B: return "v"
    case 0x0C: return "f"
    case 0x0D: return "r"
    case 0x1B: return "e"
    case 0x22: return "\""
    case 0x5C: return "\\"
    case 0x85: return "N"
    case 0xA0: return "_"
    case 0x2028: return "L"
    case 0x2029: return "P"
    case ...0xFF: return "x" + hex(scalar.value, digits: 2)
    case ...0xFFFF: return "u" + hex(scalar.value, digits: 4)
    default: return "U" + hex(scalar.value, digits: 8)
    }
  }

  private static func hex(_ value: UInt32, digits: Int) -> String {
    let text = String(value, radix: 16, uppercase: true)
    return String(repeating: "0", count: digits - text.count) + text
  }
}
