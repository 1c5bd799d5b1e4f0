/// YAML 1.1's numbers in base 60, such as `12:30`. They are read as text but written in quotes, since other readers take
/// them for numbers.
enum YAMLBase60 {
  /// `[-+]?[0-9][0-9_]*(:[0-5]?[0-9])+(\.[0-9_]*)?`
  static func matches(_ text: String) -> Bool {
    var rest = text.utf8[...]
    if rest.first == UInt8(ascii: "-") || rest.first == UInt8(ascii: "+") { rest.removeFirst() }
    guard let first = rest.first, isDigit(first) else { return false }
    rest = rest.drop(while: isDigitOrUnderscore)
    var groups = 0
    while rest.first == UInt8(ascii: ":") {
      rest.removeFirst()
      let digits = rest.prefix(while: isDigit)
      guard let tens = digits.first, digits.count == 1 || (digits.count == 2 && tens <= UInt8(ascii: "5")) else {
        return false
      }
      rest = rest.dropFirst(digits.count)
      groups += 1
    }
    if rest.first == UInt8(ascii: ".") { rest = rest.dropFirst().drop(while: isDigitOrUnderscore) }
    return groups > 0 && rest.isEmpty
  }

  private static func isDigit(_ byte: UInt8) -> Bool {
    (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
  }

  private static func isDigitOrUnderscore(_ byte: UInt8) -> Bool {
    isDigit(byte) || byte == UInt8(ascii: "_")
  }
}
