/// What a server proves with who it is. TLS 1.2 and 1.3 are spoken.
package struct TLSIdentity: Sendable, CustomStringConvertible {
  /// PEM: the server's certificate, then those of the authorities between it and a root.
  package let certificates: String
  /// PEM, without a passphrase.
  package let privateKey: String

  package init(certificates: String, privateKey: String) {
    self.certificates = certificates
    self.privateKey = privateKey
  }

  /// Without the key.
  package var description: String { "a certificate and its key" }
}
