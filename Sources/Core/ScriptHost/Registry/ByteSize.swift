/// Sizes as scripts write them: `512MiB`, `1.5GiB`, `100B`.
enum ByteSize {
  private static let units: [(name: String, shift: Int)] = [
    ("KiB", 10), ("MiB", 20), ("GiB", 30), ("TiB", 40), ("B", 0),
  ]

  /// A whole number of bytes; nil for anything else, a bare number too.
  static func parse(_ text: String) -> Int64? {
    guard let unit = units.first(where: { text.hasSuffix($0.name) }) else { return nil }
    let digits = text.dropLast(unit.name.count)
    guard let first = digits.utf8.first, (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(first),
      digits.utf8.allSatisfy({ $0 == UInt8(ascii: ".") || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }),
      let value = Double(digits)
    else { return nil }
    return Int64(exactly: value * Double(1 << unit.shift))
  }
}
