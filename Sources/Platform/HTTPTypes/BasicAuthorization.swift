/// A user's name and password as the `Authorization` field carries them (RFC 7617). Its description hides the password.
package struct BasicAuthorization: Sendable, Hashable, CustomStringConvertible {
  /// Must not contain a colon.
  package var user: String
  package var password: String

  package init(user: String, password: String) {
    self.user = user
    self.password = password
  }

  /// Reads a field's value; nil if it is of another scheme or broken.
  package init?(fieldValue: String) {
    let parts = fieldValue.split(separator: " ", maxSplits: 1)
    guard
      parts.count == 2, equalIgnoringCase(parts[0], "basic"),
      let bytes = Base64.decode(trimmed(parts[1])), let text = String(validating: bytes, as: UTF8.self),
      let colon = text.firstIndex(of: ":")
    else { return nil }
    user = String(text[..<colon])
    password = String(text[text.index(after: colon)...])
  }

  /// `Basic …`
  package var fieldValue: String { "Basic " + Base64.encode(Array("\(user):\(password)".utf8)) }

  package var description: String { "\(user):<redacted>" }
}

/// RFC 4648, section 4, for credentials only, so that these types need no cryptographic library.
private enum Base64 {
  private static let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)

  static func encode(_ bytes: [UInt8]) -> String {
    var text: [UInt8] = []
    for start in stride(from: 0, to: bytes.count, by: 3) {
      let group = bytes[start..<min(start + 3, bytes.count)]
      let bits = group.reduce(0) { $0 << 8 | Int($1) } << (8 * (3 - group.count))
      for digit in 0..<4 {
        text.append(digit <= group.count ? alphabet[bits >> (18 - 6 * digit) & 63] : UInt8(ascii: "="))
      }
    }
    return String(decoding: text, as: UTF8.self)
  }

  static func decode(_ text: Substring) -> [UInt8]? {
    guard text.utf8.count.isMultiple(of: 4) else { return nil }
    var bytes: [UInt8] = []
    var digits = Array(text.utf8)
    var padding = 0
    while padding < 2, digits.last == UInt8(ascii: "=") {
      digits.removeLast()
      padding += 1
    }
    var bits = 0
    var count = 0
    for digit in digits {
      guard let value = alphabet.firstIndex(of: digit) else { return nil }
      bits = (bits << 6 | value) & 0xFFFFFF
      count += 6
      if count >= 8 {
        count -= 8
        bytes.append(UInt8(bits >> count & 0xFF))
      }
    }
    return bytes
  }
}
