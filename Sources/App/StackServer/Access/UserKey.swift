import Crypto
import Store

/// The secret that proves who a user is: long and random, shown once, stored as a digest.
enum UserKey {
  static func make() -> String { SecureRandom.uuid() }

  static func digest(_ key: String) -> UserRecord.KeyDigest { .sha256(Digest.sha256(key.utf8)) }
}

/// Compares keys with what is stored of them. The work is the same whether there is such a user, whichever digest the
/// record has, and whether the key is the right one.
package struct KeyCheck: Sendable {
  package typealias Function = @Sendable ([UInt8]) -> [UInt8]

  private let sha256: Function
  private let sha1: Function
  /// Compared with where there is nothing to compare with.
  private let nothing: [UInt8]

  /// - Parameters: the digests, for those who count them.
  package init(
    sha256: @escaping Function = { Digest.sha256($0) }, sha1: @escaping Function = { Digest.sha1($0) }
  ) {
    self.sha256 = sha256
    self.sha1 = sha1
    nothing = SecureRandom.bytes(32)
  }

  /// - Parameter digest: of the user; nil if there is no such user.
  func matches(_ key: String, _ digest: UserRecord.KeyDigest?) -> Bool {
    let (wanted256, wanted1): ([UInt8], [UInt8]) =
      switch digest {
      case .sha256(let bytes): (bytes, Array(nothing.prefix(20)))
      case .sha1(let bytes): (nothing, bytes)
      case nil: (nothing, Array(nothing.prefix(20)))
      }
    let key = Array(key.utf8)
    let matches256 = constantTimeEquals(sha256(key), wanted256)
    let matches1 = constantTimeEquals(sha1(key), wanted1)
    return matches256 || matches1
  }
}
