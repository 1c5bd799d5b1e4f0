import Concurrency
import Crypto
import StackServer

/// Counts the digests that checks of keys take.
final class DigestCount: Sendable {
  private let counts = Locked([String: Int]())

  /// Checks keys as a server does.
  var keys: KeyCheck {
    KeyCheck(
      sha256: { bytes in
        self.note("sha256 of \(bytes.count)")
        return Digest.sha256(bytes)
      },
      sha1: { bytes in
        self.note("sha1 of \(bytes.count)")
        return Digest.sha1(bytes)
      })
  }

  private func note(_ name: String) { counts.withLock { $0[name, default: 0] += 1 } }

  /// Since the last call.
  func take() -> [String: Int] {
    counts.withLock { counts in
      defer { counts = [:] }
      return counts
    }
  }
}
