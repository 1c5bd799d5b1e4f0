import Crypto
import Store

/// The secret that proves who a user is: long and random, shown once, stored as a digest.
enum UserKey {
  static func make() -> String { SecureRandom.uuid() }

  static func digest(_ key: String) -> UserRecord.KeyDigest { .sha256(Digest.sha256(key.utf8)) }

  /// Whether the key has this digest; takes the same time whether it has or not.
  static func matches(_ key: String, _ digest: UserRecord.KeyDigest) -> Bool {
    switch digest {
    case .sha256(let bytes): constantTimeEquals(Digest.sha256(key.utf8), bytes)
    case .sha1(let bytes): constantTimeEquals(Digest.sha1(key.utf8), bytes)
    }
  }
}
