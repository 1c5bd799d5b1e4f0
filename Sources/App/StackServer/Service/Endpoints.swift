import HTTPServer

/// The HTTP servers of one API: one for TCP, with TLS where it is asked for, and one for Unix sockets, which never
/// leave the machine and have no names that a certificate could prove. Each counts its connections for itself, so that
/// a crowd outside does not keep the machine's own users out.
struct Endpoints: Sendable {
  private let servers: [HTTPServer]
  private let scheme: String

  /// - Parameter configure: makes a server's configuration from its addresses.
  init(
    _ addresses: [ListeningAddress], tls: TLSIdentity?, immediate: @escaping HTTPServer.ImmediateHandler,
    handler: @escaping HTTPServer.Handler,
    configure: ([ListeningAddress]) -> HTTPServer.Configuration
  ) {
    servers = [false, true].compactMap { isUnix in
      let addresses = addresses.filter { $0.isUnix == isUnix }
      if addresses.isEmpty { return nil }
      var configuration = configure(addresses)
      configuration.tls = isUnix ? nil : tls
      return HTTPServer(configuration, immediate: immediate, handler: handler)
    }
    scheme = tls == nil ? "http" : "https"
  }

  /// All listen, or none.
  func start() async throws {
    for (index, server) in servers.enumerated() {
      do throws(HTTPServerError) {
        try server.start()
      } catch {
        for started in servers[..<index] { await started.stop() }
        throw error
      }
    }
  }

  func stop(drainingFor duration: Duration = .zero) async {
    await withDiscardingTaskGroup { group in
      for server in servers { group.addTask { await server.stop(drainingFor: duration) } }
    }
  }

  /// Of the first TCP address; 0 if there is none.
  var port: Int { servers.first { $0.port > 0 }?.port ?? 0 }

  /// Requests whose handler runs or whose answer is not yet delivered.
  var requestsUnderWay: Int { servers.reduce(0) { $0 + $1.requestsUnderWay } }

  /// How each address is called: `http://host:port` with a host that can be called, or `unix:/path`.
  var urls: [String] {
    servers.flatMap(\.addresses).map { address in
      guard case .tcp(let host, let port) = address else { return address.description }
      let callable = ["0.0.0.0", "::", ""].contains(host) ? "127.0.0.1" : host
      return "\(scheme)://\(ListeningAddress.tcp(host: callable, port: port))"
    }
  }
}
