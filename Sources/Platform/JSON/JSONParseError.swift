/// Why bytes are not JSON, and where.
package struct JSONParseError: Error, Sendable, Hashable, CustomStringConvertible {
  /// What is wrong, without the place, e.g. `a comma or ] is expected here, not "x"`.
  package let reason: String
  /// Bytes before the place.
  package let offset: Int
  /// From 1.
  package let line: Int
  /// From 1, in Unicode scalars.
  package let column: Int

  package var description: String { "not valid JSON at line \(line), column \(column): \(reason)" }

  init(reason: String, offset: Int, in bytes: UnsafeBufferPointer<UInt8>) {
    self.reason = reason
    self.offset = offset
    var line = 1
    var column = 1
    for byte in bytes.prefix(offset) {
      if byte == UInt8(ascii: "\n") {
        line += 1
        column = 1
      } else if byte & 0xC0 != 0x80 {
        column += 1
      }
    }
    self.line = line
    self.column = column
  }
}

/// What a parser accepts at most.
package struct JSONLimits: Sendable, Hashable {
  /// Arrays and objects inside each other. The parser recurses, so this bounds its stack too.
  package var depth: Int
  /// Bytes of the whole text.
  package var bytes: Int
  /// Whether an object's members must have different names. Else the last of the same name wins.
  package var uniqueNames: Bool

  package init(depth: Int = 512, bytes: Int = 64 << 20, uniqueNames: Bool = false) {
    self.depth = depth
    self.bytes = bytes
    self.uniqueNames = uniqueNames
  }

  package static let `default` = JSONLimits()
}
