/// What the API's clients may take. Network and Unix sockets each have these connections.
package struct HTTPLimits: Sendable, Hashable {
  package var connections: Int
  /// Of one address, IPv6 network (/64) or user of a Unix socket.
  package var connectionsPerPeer: Int
  /// For the head of a request.
  package var headerTime: Duration
  /// For its body.
  package var bodyTime: Duration
  /// Between two requests of a connection.
  package var idleTime: Duration
  /// That an answer may wait for the client.
  package var writeTime: Duration

  package init(
    connections: Int = 4_096, connectionsPerPeer: Int = 2_048, headerTime: Duration = .seconds(15),
    bodyTime: Duration = .seconds(60), idleTime: Duration = .seconds(120), writeTime: Duration = .seconds(60)
  ) {
    self.connections = connections
    self.connectionsPerPeer = connectionsPerPeer
    self.headerTime = headerTime
    self.bodyTime = bodyTime
    self.idleTime = idleTime
    self.writeTime = writeTime
  }
}
