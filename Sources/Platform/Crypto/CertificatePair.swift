import CCrypto

/// A certificate with its chain and the private key that belongs to it, both as PEM, found to fit together.
package struct CertificatePair: Sendable {
  /// Not yet, or no longer.
  package enum Validity: Sendable, Hashable {
    case valid, notYetValid, expired
  }

  /// Of the first certificate, at the moment of the check.
  package let validity: Validity

  /// - Throws: what is wrong with them; never a part of the key.
  package init(certificates: [UInt8], key: [UInt8]) throws(CertificatePairError) {
    // Failures leave entries in a list of the thread that nobody else is to find.
    defer { ERR_clear_error() }
    let certificate = try Self.firstCertificate(certificates)
    defer { X509_free(certificate) }
    let privateKey = try Self.privateKey(key)
    defer { EVP_PKEY_free(privateKey) }
    guard X509_check_private_key(certificate, privateKey) == 1 else { throw .keyDoesNotMatch }
    validity =
      if X509_cmp_current_time(X509_get0_notBefore(certificate)) > 0 {
        .notYetValid
      } else if X509_cmp_current_time(X509_get0_notAfter(certificate)) < 0 {
        .expired
      } else {
        .valid
      }
  }

  private static func firstCertificate(_ pem: [UInt8]) throws(CertificatePairError) -> OpaquePointer {
    let certificate = pem.withUnsafeBytes { bytes -> OpaquePointer? in
      guard let source = BIO_new_mem_buf(bytes.baseAddress, Int32(clamping: bytes.count)) else { return nil }
      defer { BIO_free(source) }
      return PEM_read_bio_X509(source, nil, nil, nil)
    }
    guard let certificate else { throw .noCertificate }
    return certificate
  }

  private static func privateKey(_ pem: [UInt8]) throws(CertificatePairError) -> OpaquePointer {
    var wasAskedForPassphrase = false
    let key = pem.withUnsafeBytes { bytes -> OpaquePointer? in
      guard let source = BIO_new_mem_buf(bytes.baseAddress, Int32(clamping: bytes.count)) else { return nil }
      defer { BIO_free(source) }
      return withUnsafeMutablePointer(to: &wasAskedForPassphrase) { flag in
        PEM_read_bio_PrivateKey(
          source, nil,
          { _, _, _, flag in
            flag?.assumingMemoryBound(to: Bool.self).pointee = true
            return -1
          }, flag)
      }
    }
    guard let key else { throw wasAskedForPassphrase ? .encryptedKey : .noKey }
    return key
  }
}

/// Why a certificate and a key cannot be used together.
package enum CertificatePairError: Error, Sendable, Hashable {
  case noCertificate
  case noKey
  /// It is protected by a passphrase.
  case encryptedKey
  case keyDoesNotMatch
}
