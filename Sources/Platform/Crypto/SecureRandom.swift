import CCrypto

/// Random numbers that nobody can predict, from libcrypto's generator.
package enum SecureRandom {
  package static func bytes(_ count: Int) -> [UInt8] {
    var bytes = [UInt8](repeating: 0, count: count)
    // Without entropy there must be no key and no id.
    precondition(RAND_bytes(&bytes, Int32(count)) == 1, "libcrypto has no random bytes")
    return bytes
  }

  /// A version 4 UUID (RFC 9562) in lower case.
  package static func uuid() -> String {
    var bytes = bytes(16)
    bytes[6] = bytes[6] & 0x0F | 0x40
    bytes[8] = bytes[8] & 0x3F | 0x80
    let digits = hex(bytes)
    var groups: [Substring] = []
    var rest = digits[...]
    for length in [8, 4, 4, 4, 12] {
      groups.append(rest.prefix(length))
      rest = rest.dropFirst(length)
    }
    return groups.joined(separator: "-")
  }
}
