/// `strconv.Atoi`: decimal digits with an optional sign, nothing else, within 64 bits.
enum GoInteger {
  struct ParseError: Error, Hashable, CustomStringConvertible {
    var text: String
    var outOfRange: Bool

    var description: String {
      "strconv.Atoi: parsing \(GoQuote.inStrconv(text)): \(outOfRange ? "value out of range" : "invalid syntax")"
    }
  }

  static func parse(_ text: String) throws(ParseError) -> Int {
    // Int.init takes the same signs and digits and nothing else; it only does not tell why it fails.
    if let value = Int(text) { return value }
    var digits = text.utf8[...]
    if let sign = digits.first, sign == UInt8(ascii: "-") || sign == UInt8(ascii: "+") { digits.removeFirst() }
    let allDigits = digits.allSatisfy { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }
    throw ParseError(text: text, outOfRange: !digits.isEmpty && allDigits)
  }
}
