/// An IPv4 or IPv6 address as bytes.
package struct NetworkAddress: Sendable, Hashable {
  /// Four or sixteen, in network order.
  package let bytes: [UInt8]

  /// - Parameter bytes: four or sixteen; nil for another number.
  package init?(bytes: [UInt8]) {
    guard bytes.count == 4 || bytes.count == 16 else { return nil }
    self.bytes = bytes
  }

  /// Four decimal numbers and nothing else: `127.1`, `0x7f000001`, `2130706433` and `0177.0.0.1`, which the system's
  /// functions take for the same address, are none.
  package init?(v4 text: some StringProtocol) {
    let parts = text.utf8.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
    guard parts.count == 4 else { return nil }
    var bytes: [UInt8] = []
    for part in parts {
      guard (1...3).contains(part.count), part.count == 1 || part.first != UInt8(ascii: "0"),
        part.allSatisfy({ (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }),
        let number = UInt8(String(decoding: part, as: UTF8.self))
      else { return nil }
      bytes.append(number)
    }
    self.bytes = bytes
  }

  /// As in RFC 4291, without brackets, zone, and IPv4 at its end.
  package init?(v6 text: some StringProtocol) {
    let halves = Self.halves(Array(text.utf8))
    guard let front = Self.groups(halves.front), let back = Self.groups(halves.back ?? []) else { return nil }
    let missing = 8 - front.count - back.count
    guard halves.back == nil ? missing == 0 : missing >= 1 else { return nil }
    let groups = front + Array(repeating: 0, count: missing) + back
    bytes = groups.flatMap { [UInt8(truncatingIfNeeded: $0 >> 8), UInt8(truncatingIfNeeded: $0)] }
  }

  /// What stands before and behind the first `::`.
  private static func halves(_ text: [UInt8]) -> (front: ArraySlice<UInt8>, back: ArraySlice<UInt8>?) {
    let colon = UInt8(ascii: ":")
    for place in text.indices.dropLast() where text[place] == colon && text[place + 1] == colon {
      return (text[..<place], text[(place + 2)...])
    }
    return (text[...], nil)
  }

  private static func groups(_ text: ArraySlice<UInt8>) -> [UInt16]? {
    if text.isEmpty { return [] }
    var groups: [UInt16] = []
    for part in text.split(separator: UInt8(ascii: ":"), omittingEmptySubsequences: false) {
      // `UInt16` would take a sign.
      guard (1...4).contains(part.count), part.first != UInt8(ascii: "+"), part.first != UInt8(ascii: "-"),
        let group = UInt16(String(decoding: part, as: UTF8.self), radix: 16)
      else { return nil }
      groups.append(group)
    }
    return groups.count <= 8 ? groups : nil
  }
}

extension NetworkAddress: CustomStringConvertible {
  /// IPv6 without shortening, which no reader of it needs.
  package var description: String {
    if bytes.count == 4 { return bytes.map(String.init).joined(separator: ".") }
    return stride(from: 0, to: 16, by: 2)
      .map { String(UInt16(bytes[$0]) << 8 | UInt16(bytes[$0 + 1]), radix: 16) }.joined(separator: ":")
  }
}
