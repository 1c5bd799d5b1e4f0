import Glibc

/// Why a server cannot start.
package struct HTTPServerError: Error, Sendable, Hashable, CustomStringConvertible {
  package enum Code: Sendable, Hashable {
    case addressInUse
    case addressUnknown
    case permissionDenied
    case alreadyStarted
    case system
  }

  package let code: Code
  package let description: String

  static func listening(host: String, port: Int, errno code: Int32) -> HTTPServerError {
    let place = "port \(port) of \(host)"
    return switch code {
    case EADDRINUSE:
      HTTPServerError(
        code: .addressInUse,
        description: "cannot listen on \(place): another program listens there; stop it or choose another port")
    case EADDRNOTAVAIL:
      HTTPServerError(
        code: .addressUnknown, description: "cannot listen on \(place): \(host) is not an address of this machine")
    case EACCES:
      HTTPServerError(
        code: .permissionDenied,
        description: "cannot listen on \(place): only root may use this port; choose one above 1023")
    default:
      HTTPServerError(code: .system, description: "cannot listen on \(place): \(String(cString: strerror(code)))")
    }
  }
}
