import Glibc
import HTTPServer

/// The listening sockets that a service manager has opened for this process: systemd's protocol of socket activation,
/// sd_listen_fds(3).
enum InheritedSockets {
  /// Meant for this process alone, not for what it starts.
  static let variables: Set<String> = ["LISTEN_PID", "LISTEN_FDS", "LISTEN_FDNAMES"]

  private static let firstDescriptor: Int32 = 3

  static var addresses: [ListeningAddress] {
    let environment = ProcessEnvironment.all
    guard let pid = environment["LISTEN_PID"].flatMap({ Int32($0) }), pid == getpid(),
      let count = environment["LISTEN_FDS"].flatMap({ Int32($0) }), (1...1_000).contains(count)
    else { return [] }
    return (0..<count).map { .inherited(descriptor: firstDescriptor + $0) }
  }
}
