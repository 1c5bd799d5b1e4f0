import Arguments
import StackServer

/// How many connections the API takes, and how long a client may take for its part.
enum HTTPLimitOptions {
  private static let connections = Option<Int>.integer(
    "http.connections", help: "Connections at once; more are told so and closed.", default: 4_096, in: 1...1_000_000)
  private static let connectionsPerPeer = Option<Int>.integer(
    "http.connections.peer", help: "Connections at once of one address (IPv6: of a /64 network).", default: 2_048,
    in: 1...1_000_000)
  private static let headerTime = Option<Duration>.duration(
    "http.header.timeout", help: "How long the head of a request may take.", default: .seconds(15), defaultText: "15s")
  private static let bodyTime = Option<Duration>.duration(
    "http.body.timeout", help: "How long the body of a request may take.", default: .seconds(60), defaultText: "1m0s")
  private static let idleTime = Option<Duration>.duration(
    "http.idle.timeout", help: "How long a connection stays open between two requests.", default: .seconds(120),
    defaultText: "2m0s")
  private static let writeTime = Option<Duration>.duration(
    "http.write.timeout", help: "How long a client may let an answer wait.", default: .seconds(60), defaultText: "1m0s")

  static let declarations: [OptionDeclaration] = [
    connections.declaration, connectionsPerPeer.declaration, headerTime.declaration, bodyTime.declaration,
    idleTime.declaration, writeTime.declaration,
  ]

  static func limits(_ arguments: ParsedArguments) throws(InvalidValue) -> HTTPLimits {
    for option in [headerTime, bodyTime, idleTime, writeTime]
    where !(Duration.milliseconds(10)...Duration.seconds(86_400)).contains(arguments[option]) {
      throw InvalidValue("--\(option.name) is a time from 10ms to 24h")
    }
    return HTTPLimits(
      connections: arguments[connections], connectionsPerPeer: arguments[connectionsPerPeer],
      headerTime: arguments[headerTime], bodyTime: arguments[bodyTime], idleTime: arguments[idleTime],
      writeTime: arguments[writeTime])
  }
}
