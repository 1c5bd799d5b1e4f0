import Concurrency
import Glibc

/// A TCP server on a free loopback port that says exactly what a test tells it to: one thread per connection.
final class RawServer: Sendable {
  private struct State {
    var connections: [RawConnection] = []
    var isStopped = false
  }

  let port: Int
  private let listener: Int32
  private let state = Locked(State())

  init(_ serve: @escaping @Sendable (RawConnection) -> Void) {
    (listener, port) = RawServer.listen()
    let (listener, state) = (listener, state)
    startThread(named: "raw-server") {
      while true {
        let descriptor = accept(listener, nil, nil)
        if descriptor < 0 { break }
        // Every piece goes out at once, so that a test decides where an answer is cut.
        var on: Int32 = 1
        setsockopt(descriptor, Int32(IPPROTO_TCP), TCP_NODELAY, &on, socklen_t(MemoryLayout<Int32>.size))
        let connection = RawConnection(descriptor)
        let goesOn = state.withLock { state in
          state.connections.append(connection)
          return !state.isStopped
        }
        guard goesOn else { break }
        startThread(named: "raw-connection") {
          serve(connection)
          connection.end()
        }
      }
      close(listener)
    }
  }

  deinit { stop() }

  var url: String { "http://127.0.0.1:\(port)" }

  var connections: [RawConnection] { state.withLock { $0.connections } }

  /// Repeating it does nothing: the listener's descriptor may be somebody else's by then.
  func stop() {
    let open = state.withLock { state -> [RawConnection]? in
      defer { state.isStopped = true }
      return state.isStopped ? nil : state.connections
    }
    guard let connections = open else { return }
    shutdown(listener, Int32(SHUT_RDWR))
    for connection in connections { connection.end() }
  }

  private static func listen(backlog: Int32 = 512) -> (descriptor: Int32, port: Int) {
    let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
    var size = socklen_t(MemoryLayout<sockaddr_in>.size)
    withUnsafeMutablePointer(to: &address) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { pointer in
        guard bind(descriptor, pointer, size) == 0, Glibc.listen(descriptor, backlog) == 0,
          getsockname(descriptor, pointer, &size) == 0
        else { fatalError("no loopback socket: error \(errno)") }
      }
    }
    return (descriptor, Int(UInt16(bigEndian: address.sin_port)))
  }

  /// A port whose queue of connections is full and stays so: the kernel drops every further attempt. Close all descriptors.
  static func deafPort() -> (port: Int, descriptors: [Int32]) {
    let (listener, port) = listen(backlog: 0)
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
    address.sin_port = in_port_t(port).bigEndian
    let kind = Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue) | Int32(SOCK_NONBLOCK.rawValue)
    let fillers = (0..<4).map { _ in
      let filler = socket(AF_INET, kind, 0)
      _ = withUnsafePointer(to: &address) { pointer in
        pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
          connect(filler, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
        }
      }
      return filler
    }
    return (port, [listener] + fillers)
  }

  /// A port on which nothing listens.
  static func unusedPort() -> Int {
    let (descriptor, port) = listen()
    close(descriptor)
    return port
  }
}
