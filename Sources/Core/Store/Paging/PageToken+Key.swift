/// A form of tokens for stores that go on after the key of the last element:
/// `1-<list>-<key in hexadecimal>-<checksum>`. The first number is the version of the form.
extension PageToken {
  private static let version = "1"

  /// - Parameters:
  ///   - list: what is being listed, in letters; a token of one list is refused by another.
  ///   - key: of the last element already given out.
  package init(list: String, key: some Sequence<UInt8>) {
    let head = "\(Self.version)-\(list)-\(Self.hexadecimal(key))"
    self.init(text: "\(head)-\(Self.checksum(head))")
  }

  package init(list: String, key: Int64) {
    self.init(list: list, key: (0..<8).reversed().map { UInt8(truncatingIfNeeded: key >> ($0 * 8)) })
  }

  /// - Throws: `.invalidPageToken` if this is no token of that list.
  package func key(of list: String) throws(StoreError) -> [UInt8] {
    let parts = text.split(separator: "-", omittingEmptySubsequences: false)
    // Written again it must be the same: version, list and checksum, and digits as they are given out.
    guard parts.count == 4, let key = Self.bytes(hexadecimal: parts[2]), PageToken(list: list, key: key) == self else {
      throw Self.isNone(of: list)
    }
    return key
  }

  /// The key as text, for lists by name.
  package func textKey(of list: String) throws(StoreError) -> String {
    guard let text = String(validating: try key(of: list), as: UTF8.self) else { throw Self.isNone(of: list) }
    return text
  }

  /// The key as a number, for lists by number.
  package func numberKey(of list: String) throws(StoreError) -> Int64 {
    let key = try key(of: list)
    guard key.count == 8 else { throw Self.isNone(of: list) }
    return key.reduce(0) { $0 << 8 | Int64($1) }
  }

  private static func isNone(of list: String) -> StoreError {
    StoreError(
      .invalidPageToken,
      "This is no page token of the list of \(list): take the one that came with the page before, or start anew")
  }

  /// FNV-1a, 32 bits: tells mistakes in copying, not forgery, which would gain nothing.
  private static func checksum(_ text: String) -> String {
    var hash: UInt32 = 2_166_136_261
    for byte in text.utf8 { hash = (hash ^ UInt32(byte)) &* 16_777_619 }
    return hexadecimal((0..<4).reversed().map { UInt8(truncatingIfNeeded: hash >> ($0 * 8)) })
  }

  private static func hexadecimal(_ bytes: some Sequence<UInt8>) -> String {
    let digits = Array("0123456789abcdef".utf8)
    let text = bytes.flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] }
    return String(decoding: text, as: UTF8.self)
  }

  private static func bytes(hexadecimal text: Substring) -> [UInt8]? {
    let digits = text.utf8.compactMap { digit in
      Character(UnicodeScalar(digit)).hexDigitValue.map { UInt8($0) }
    }
    guard digits.count == text.utf8.count, digits.count.isMultiple(of: 2) else { return nil }
    return stride(from: 0, to: digits.count, by: 2).map { digits[$0] << 4 | digits[$0 + 1] }
  }
}
