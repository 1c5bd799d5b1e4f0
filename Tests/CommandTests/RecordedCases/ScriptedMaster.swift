import Concurrency
import HTTPServer
import HTTPTypes
import JSON

/// The Mesos master as a recorded case has it: three agents, or what its script says.
final class ScriptedMaster: Sendable {
  private let script: Locked<JSON>
  private let server: HTTPServer

  private static let agents: JSON = [
    ["id": "S0", "hostname": "slave0", "attributes": ["type": "kafka", "rack": "r1"]],
    ["id": "S1", "hostname": "slave1", "attributes": ["type": "zk", "rack": "r1"]],
    ["id": "S2", "hostname": "slave2", "attributes": ["type": "kafka", "rack": "r2"]],
  ]

  /// - Parameter script: the member `mesos` of a case's surroundings.
  init(_ script: JSON) throws {
    let locked = Locked(script)
    self.script = locked
    server = HTTPServer { request in
      guard request.method == .get else { return HTTPResponse(status: 202) }
      let script = locked.withLock { $0 }
      if let body = script["state_body"] {
        let text = body.stringValue ?? body.text
        return HTTPResponse(status: script["state_status"]?.intValue ?? 200, body: .bytes(Array(text.utf8)))
      }
      let agents = script["slaves"] ?? Self.agents
      return .json(
        JSON.object([
          "activated_slaves": .integer(Int64(agents.arrayValue?.count ?? 0)), "slaves": agents,
          "leader": "master@127.0.0.1:5050",
        ]).bytes)
    }
    try server.start()
  }

  var port: Int { server.port }
  func change(_ script: JSON) { self.script.withLock { $0 = script } }
  func stop() async { await server.stop() }
}
