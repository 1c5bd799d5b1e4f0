import Concurrency
import HTTPServer
import HTTPTypes

/// What scripts send requests to, on loopback: it answers each with `ok`, and remembers what came.
final class CountingWeb: Sendable {
  private let server: HTTPServer
  private let counts: Locked<[String: Int]>
  let port: Int

  init() throws {
    let counts = Locked<[String: Int]>([:])
    let server = HTTPServer { request in
      counts.withLock { $0["\(request.method.rawValue) \(request.path)", default: 0] += 1 }
      return HTTPResponse(body: .bytes(Array("ok".utf8)))
    }
    try server.start()
    self.counts = counts
    self.server = server
    port = server.port
  }

  func stop() async { await server.stop() }

  var url: String { "http://127.0.0.1:\(port)" }
  /// What a server has to grant, so that scripts reach it.
  var grant: String { "http:127.0.0.1:\(port)" }

  /// How often `PUT /STACK/active` and the like came, of the requests whose path begins with this stack.
  func requests(of stack: String) -> [String: Int] {
    counts.withLock { counts in
      counts.filter { $0.key.split(separator: "/").dropFirst().first.map(String.init) == stack }
    }
  }
}
