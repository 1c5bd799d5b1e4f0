import CCrypto

/// Base64 with padding (RFC 4648, section 4).
package enum Base64 {
  package static func encode(_ bytes: some Sequence<UInt8>) -> String {
    let input = Array(bytes)
    var output = [UInt8](repeating: 0, count: (input.count + 2) / 3 * 4 + 1)  // with the NUL that it writes
    let length = EVP_EncodeBlock(&output, input, Int32(input.count))
    return String(decoding: output.prefix(Int(length)), as: UTF8.self)
  }

  /// The bytes, or nil if the text is not exactly base64: no white space, padding required.
  package static func decode(_ text: String) -> [UInt8]? {
    let input = Array(text.utf8)
    guard input.count.isMultiple(of: 4) else { return nil }
    let padding = input.reversed().prefix { $0 == UInt8(ascii: "=") }.count
    // EVP_DecodeBlock trims white space and takes "=" anywhere as zero bits, so that is ruled out before.
    guard padding <= 2, input.dropLast(padding).allSatisfy(isDigit) else { return nil }
    var output = [UInt8](repeating: 0, count: input.count / 4 * 3)
    let length = EVP_DecodeBlock(&output, input, Int32(input.count))
    guard length >= 0, Int(length) == output.count else { return nil }
    return output.dropLast(padding)
  }

  private static func isDigit(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"): true
    case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "+"), UInt8(ascii: "/"): true
    default: false
    }
  }
}
