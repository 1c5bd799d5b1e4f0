import CCrypto

/// Message digests by libcrypto.
package enum Digest {
  package static func sha256(_ bytes: some Sequence<UInt8>) -> [UInt8] { digest(EVP_sha256(), bytes) }

  /// For what others have stored with it; not for anything new.
  package static func sha1(_ bytes: some Sequence<UInt8>) -> [UInt8] { digest(EVP_sha1(), bytes) }

  private static func digest(_ algorithm: OpaquePointer, _ bytes: some Sequence<UInt8>) -> [UInt8] {
    let input = Array(bytes)
    var output = [UInt8](repeating: 0, count: Int(EVP_MAX_MD_SIZE))
    var length: UInt32 = 0
    let code = EVP_Digest(input, input.count, &output, &length, algorithm, nil)
    // It fails only when there is no memory or the library was built without the algorithm.
    precondition(code == 1, "libcrypto cannot compute a digest")
    return Array(output.prefix(Int(length)))
  }
}

/// HMAC with SHA-256 (RFC 2104).
package func hmacSHA256(key: [UInt8], _ bytes: some Sequence<UInt8>) -> [UInt8] {
  let input = Array(bytes)
  var output = [UInt8](repeating: 0, count: Int(EVP_MAX_MD_SIZE))
  var length: UInt32 = 0
  // An empty key is allowed, but its buffer's address must not be nil.
  let padded = key.isEmpty ? [0] : key
  let result = HMAC(EVP_sha256(), padded, Int32(key.count), input, input.count, &output, &length)
  precondition(result != nil, "libcrypto cannot compute an HMAC")
  return Array(output.prefix(Int(length)))
}

/// Whether both are the same, in a time that depends on their lengths only.
package func constantTimeEquals(_ left: some Sequence<UInt8>, _ right: some Sequence<UInt8>) -> Bool {
  let left = Array(left)
  let right = Array(right)
  return left.count == right.count && CRYPTO_memcmp(left, right, left.count) == 0
}
