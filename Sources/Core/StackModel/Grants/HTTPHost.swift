/// The host of a URL in one form, whatever form it was written in.
package enum HTTPHost: Sendable, Hashable {
  /// Lower case, without a final dot.
  case name(String)
  case address(NetworkAddress)

  /// - Parameter text: as between `//` and the port: a name, four decimal numbers, or an IPv6 address in brackets.
  /// - Returns: nil for anything else, such as the other forms in which the system's functions would read an IPv4 address.
  package init?(_ text: some StringProtocol) {
    if text.hasPrefix("[") {
      guard text.hasSuffix("]"), let address = NetworkAddress(v6: text.dropFirst().dropLast()) else { return nil }
      self = .address(address)
      return
    }
    var text = text.lowercased()
    if text.hasSuffix(".") { text.removeLast() }
    if let address = NetworkAddress(v4: text) {
      self = .address(address)
      return
    }
    let labels = text.utf8.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
    guard text.utf8.count <= 253, let last = labels.last, labels.allSatisfy(Self.isLabel), !Self.isNumber(last) else {
      return nil
    }
    self = .name(text)
  }

  private static func isLabel(_ label: Substring.UTF8View.SubSequence) -> Bool {
    (1...63).contains(label.count)
      && label.allSatisfy { byte in
        (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte) || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
          || byte == UInt8(ascii: "-") || byte == UInt8(ascii: "_")
      }
  }

  /// What makes a host a number to others, as in the URL standard: its last part is decimal, or hexadecimal with `0x`.
  static func isNumber(_ label: some Collection<UInt8>) -> Bool {
    let digits = UInt8(ascii: "0")...UInt8(ascii: "9")
    if label.allSatisfy({ digits.contains($0) }) { return true }
    guard label.starts(with: "0x".utf8) else { return false }
    return label.dropFirst(2).allSatisfy { digits.contains($0) || (UInt8(ascii: "a")...UInt8(ascii: "f")).contains($0) }
  }
}

extension HTTPHost: CustomStringConvertible {
  /// As a URL has it.
  package var description: String {
    switch self {
    case .name(let name): name
    case .address(let address): address.bytes.count == 4 ? "\(address)" : "[\(address)]"
    }
  }
}
