extension HTTPServer {
  package struct Configuration: Sendable {
    package var addresses: [ListeningAddress]
    /// For all addresses; nil: HTTP without TLS.
    package var tls: TLSIdentity?
    /// Connections at once. Others are answered 503 and closed.
    package var connectionLimit: Int
    /// Connections at once of one peer: an address, an IPv6 network (/64), a user of Unix sockets.
    package var connectionLimitPerPeer: Int
    /// Bytes of a request's body; above it the answer is 413.
    package var bodyLimit: Int
    /// From the connection's start, or the first line of a later request, to the head's end.
    package var headerTimeout: Duration
    /// Between two requests of a connection.
    package var idleTimeout: Duration
    /// For the whole body of a request; time in which the handler makes the client wait does not count.
    package var bodyTimeout: Duration
    /// Without a byte of a response taken by the peer; whole seconds. A response of known length has to be taken within
    /// this and a second more for every 64 KiB; of a stream 32 KiB, whenever that many wait for the peer.
    package var writeTimeout: Duration
    /// Takes the library's messages.
    package var log: @Sendable (String) -> Void
    /// Takes what an operator should know, such as refused connections.
    package var warn: @Sendable (String) -> Void

    package init(
      addresses: [ListeningAddress] = [.loopback()], tls: TLSIdentity? = nil,
      connectionLimit: Int = 4_096, connectionLimitPerPeer: Int = 2_048, bodyLimit: Int = 16 << 20,
      headerTimeout: Duration = .seconds(15), idleTimeout: Duration = .seconds(120),
      bodyTimeout: Duration = .seconds(60), writeTimeout: Duration = .seconds(60),
      log: @escaping @Sendable (String) -> Void = { _ in },
      warn: @escaping @Sendable (String) -> Void = { _ in }
    ) {
      self.addresses = addresses
      self.tls = tls
      self.connectionLimit = connectionLimit
      self.connectionLimitPerPeer = connectionLimitPerPeer
      self.bodyLimit = bodyLimit
      self.headerTimeout = headerTimeout
      self.idleTimeout = idleTimeout
      self.bodyTimeout = bodyTimeout
      self.writeTimeout = writeTimeout
      self.log = log
      self.warn = warn
    }
  }
}
