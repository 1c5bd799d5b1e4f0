import CMicroHTTPD
import Glibc

/// What the library reads for as long as its daemon lives. Freed with this object, the key overwritten.
///
/// `@unchecked Sendable`: the pointers never change, and after `init` only the library follows them.
final class DaemonMemory: @unchecked Sendable {
  let logTarget: UnsafeMutablePointer<mhd_log_target>
  /// PEM; nil without TLS.
  let certificates: UnsafeMutablePointer<CChar>?
  let key: UnsafeMutablePointer<CChar>?

  init(logTarget: mhd_log_target, tls: TLSIdentity?) {
    self.logTarget = .allocate(capacity: 1)
    self.logTarget.initialize(to: logTarget)
    certificates = tls.flatMap { strdup($0.certificates) }
    key = tls.flatMap { strdup($0.privateKey) }
  }

  deinit {
    logTarget.deallocate()
    if let key { explicit_bzero(key, strlen(key)) }
    free(certificates)
    free(key)
  }
}
