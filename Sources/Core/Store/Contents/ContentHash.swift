import Crypto

/// The SHA-256 of some bytes, by which they are kept once, however many refer to them.
package struct ContentHash: Sendable, Hashable, CustomStringConvertible {
  /// 32 of them.
  package let bytes: [UInt8]

  package init(of content: some Sequence<UInt8>) {
    bytes = Digest.sha256(content)
  }

  /// Nil unless there are 32 bytes.
  package init?(bytes: [UInt8]) {
    guard bytes.count == 32 else { return nil }
    self.bytes = bytes
  }

  /// As `description` gives it; nil for anything else.
  package init?(_ text: String) {
    guard let bytes = Crypto.bytes(hex: text) else { return nil }
    self.init(bytes: bytes)
  }

  /// 64 hexadecimal digits in lower case, as `sha256sum` prints them.
  package var description: String { hex(bytes) }
}

/// Bytes and their hash, which belong together by construction.
package struct FileContent: Sendable, Hashable {
  package let bytes: [UInt8]
  package let hash: ContentHash

  package init(_ bytes: [UInt8]) {
    self.bytes = bytes
    hash = ContentHash(of: bytes)
  }
}
