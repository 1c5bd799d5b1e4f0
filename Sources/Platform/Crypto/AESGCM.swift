import CCrypto

/// A sealed message that does not open: another key, other bytes, or another context.
package struct UnsealingError: Error, Sendable, Hashable, CustomStringConvertible {
  package var description: String {
    "the sealed data cannot be opened: it was changed, or it was sealed with another key"
  }
}

/// Authenticated encryption with AES-256 in GCM (NIST SP 800-38D).
package enum AESGCM {
  /// Bytes of a key.
  package static let keyLength = 32

  private static let nonceLength = 12
  private static let tagLength = 16

  /// Encrypts and signs. The result is nonce, ciphertext, tag; the nonce is random, so one key is good for about 2³²
  /// messages.
  /// - Parameters:
  ///   - key: 32 bytes.
  ///   - context: what the message belongs to, signed but not part of the result, needed again for `open`.
  package static func seal(key: [UInt8], _ plaintext: [UInt8], context: [UInt8] = []) -> [UInt8] {
    let nonce = SecureRandom.bytes(nonceLength)
    let context = Context(key: key, nonce: nonce, signed: context, encrypts: true)
    let ciphertext = context.update(plaintext)
    precondition(context.finish(), "libcrypto cannot encrypt")
    var tag = [UInt8](repeating: 0, count: tagLength)
    let code = EVP_CIPHER_CTX_ctrl(context.cipher, EVP_CTRL_AEAD_GET_TAG, Int32(tagLength), &tag)
    precondition(code == 1, "libcrypto cannot sign what it encrypted")
    return nonce + ciphertext + tag
  }

  /// The plaintext of a sealed message.
  package static func open(
    key: [UInt8], _ sealed: [UInt8], context: [UInt8] = []
  ) throws(UnsealingError) -> [UInt8] {
    guard sealed.count >= nonceLength + tagLength else { throw UnsealingError() }
    let context = Context(key: key, nonce: Array(sealed.prefix(nonceLength)), signed: context, encrypts: false)
    let plaintext = context.update(Array(sealed.dropFirst(nonceLength).dropLast(tagLength)))
    var tag = Array(sealed.suffix(tagLength))
    let code = EVP_CIPHER_CTX_ctrl(context.cipher, EVP_CTRL_AEAD_SET_TAG, Int32(tagLength), &tag)
    guard code == 1, context.finish() else { throw UnsealingError() }
    return plaintext
  }

  /// Owns libcrypto's context for the length of one message.
  private final class Context {
    let cipher: OpaquePointer

    init(key: [UInt8], nonce: [UInt8], signed: [UInt8], encrypts: Bool) {
      precondition(key.count == AESGCM.keyLength, "a key of AES-256 has 32 bytes")
      guard let cipher = EVP_CIPHER_CTX_new() else { preconditionFailure("libcrypto has no memory") }
      self.cipher = cipher
      let code = EVP_CipherInit_ex(cipher, EVP_aes_256_gcm(), nil, key, nonce, encrypts ? 1 : 0)
      precondition(code == 1, "libcrypto cannot encrypt with AES-256-GCM")
      guard !signed.isEmpty else { return }
      var length: Int32 = 0
      precondition(EVP_CipherUpdate(cipher, nil, &length, signed, Int32(signed.count)) == 1, "libcrypto cannot sign")
    }

    deinit { EVP_CIPHER_CTX_free(cipher) }

    func update(_ input: [UInt8]) -> [UInt8] {
      guard !input.isEmpty else { return [] }
      var output = [UInt8](repeating: 0, count: input.count)
      var length: Int32 = 0
      let code = EVP_CipherUpdate(cipher, &output, &length, input, Int32(input.count))
      precondition(code == 1 && Int(length) == input.count, "libcrypto cannot encrypt")
      return output
    }

    /// False if the tag does not fit.
    func finish() -> Bool {
      var rest = [UInt8](repeating: 0, count: AESGCM.tagLength)
      var length: Int32 = 0
      return EVP_CipherFinal_ex(cipher, &rest, &length) == 1
    }
  }
}
