import Crypto
import Glibc
import HTTPServer

/// The files that a server with TLS is started with, both PEM.
package struct TLSFiles: Sendable, Hashable {
  /// The server's certificate, then those between it and a root.
  package var certificate: String
  package var key: String

  package init(certificate: String, key: String) {
    self.certificate = certificate
    self.key = key
  }

  /// Larger ones are no certificates.
  private static let limit = 1 << 20

  /// Reads and checks both.
  /// - Parameter warn: told what does not keep the server from serving.
  /// - Throws: `ServerStartError`.
  func load(warn: (String) -> Void) throws -> TLSIdentity {
    let certificates = try Self.read(certificate, flag: "--tls.cert")
    let key = try Self.read(key, flag: "--tls.key") { file in Self.warnOfOtherReaders(file, self.key, warn) }
    let pair: CertificatePair
    do throws(CertificatePairError) {
      pair = try CertificatePair(certificates: certificates, key: key)
    } catch {
      throw ServerStartError(sentence(error))
    }
    switch pair.validity {
    case .valid: break
    case .expired: warn("the certificate in \(certificate) has expired: clients will refuse it")
    case .notYetValid: warn("the certificate in \(certificate) is not valid yet: clients will refuse it")
    }
    return TLSIdentity(
      certificates: String(decoding: certificates, as: UTF8.self), privateKey: String(decoding: key, as: UTF8.self))
  }

  private func sentence(_ error: CertificatePairError) -> String {
    switch error {
    case .noCertificate: "the file \(certificate) that --tls.cert names has no certificate in PEM form"
    case .noKey: "the file \(key) that --tls.key names has no private key in PEM form"
    case .encryptedKey:
      "the key in \(key) is protected by a passphrase, which a server cannot enter: write it without one "
        + "(openssl pkey -in \(key) -out FILE) and keep the file to the server's user"
    case .keyDoesNotMatch:
      "the key in \(key) does not belong to the first certificate in \(certificate); the server's own certificate "
        + "comes first, then those of its authorities"
    }
  }

  private static func read(_ path: String, flag: String, _ inspect: (Int32) -> Void = { _ in }) throws -> [UInt8] {
    let file = open(path, O_RDONLY | O_CLOEXEC)
    guard file >= 0 else {
      throw ServerStartError("cannot read the file \(path) that \(flag) names: \(String(cString: strerror(errno)))")
    }
    defer { close(file) }
    inspect(file)
    var bytes: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: 64 << 10)
    while true {
      let count = Glibc.read(file, &buffer, buffer.count)
      if count == 0 { return bytes }
      guard count > 0 else {
        throw ServerStartError("cannot read the file \(path) that \(flag) names: \(String(cString: strerror(errno)))")
      }
      bytes += buffer[..<count]
      guard bytes.count <= limit else {
        throw ServerStartError("the file \(path) that \(flag) names is larger than a certificate or key can be")
      }
    }
  }

  /// A key is its owner's alone; where root owns it, a group may read it, as Debian's `ssl-cert`.
  private static func warnOfOtherReaders(_ file: Int32, _ path: String, _ warn: (String) -> Void) {
    var status = stat()
    guard fstat(file, &status) == 0 else { return }
    let allowed: mode_t = status.st_uid == 0 ? 0o740 : 0o700
    guard status.st_mode & 0o777 & ~allowed != 0 else { return }
    warn("others may read or change the key in \(path): chmod 600 \(path)")
  }
}
