import Crypto

/// What `math.random` and `uuid` follow from, made of a name: the same each time, and no other name's.
package enum ScriptSeed {
  package static func of(_ name: String) -> (UInt64, UInt64) {
    let digest = Digest.sha256(Array(name.utf8))
    func word(_ bytes: ArraySlice<UInt8>) -> UInt64 { bytes.reduce(0) { $0 << 8 | UInt64($1) } }
    return (word(digest[0..<8]), word(digest[8..<16]))
  }
}
