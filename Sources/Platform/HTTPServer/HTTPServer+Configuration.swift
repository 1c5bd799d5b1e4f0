extension HTTPServer {
  package struct Configuration: Sendable {
    /// An address or a name of this machine. One address per server.
    package var host: String
    /// 0 lets the system choose; see `HTTPServer.port`.
    package var port: Int
    /// Nil: HTTP without TLS.
    package var tls: TLSIdentity?
    /// Connections at once. More wait in the system's backlog.
    package var connectionLimit: Int
    /// Bytes of a request's body; above it the answer is 413.
    package var bodyLimit: Int
    /// From the connection's start, or the first line of a later request, to the head's end.
    package var headerTimeout: Duration
    /// Between two requests of a connection.
    package var idleTimeout: Duration
    /// For the whole body of a request; time in which the handler makes the client wait does not count.
    package var bodyTimeout: Duration
    /// Without a byte of a response taken by the peer; whole seconds.
    package var writeTimeout: Duration
    /// Takes messages for the operator.
    package var log: @Sendable (String) -> Void

    package init(
      host: String = "127.0.0.1", port: Int = 0, tls: TLSIdentity? = nil, connectionLimit: Int = 4_096,
      bodyLimit: Int = 16 << 20,
      headerTimeout: Duration = .seconds(15), idleTimeout: Duration = .seconds(120),
      bodyTimeout: Duration = .seconds(60), writeTimeout: Duration = .seconds(60),
      log: @escaping @Sendable (String) -> Void = { _ in }
    ) {
      self.host = host
      self.port = port
      self.tls = tls
      self.connectionLimit = connectionLimit
      self.bodyLimit = bodyLimit
      self.headerTimeout = headerTimeout
      self.idleTimeout = idleTimeout
      self.bodyTimeout = bodyTimeout
      self.writeTimeout = writeTimeout
      self.log = log
    }
  }
}
