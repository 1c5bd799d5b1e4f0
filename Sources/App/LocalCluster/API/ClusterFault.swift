package import JSON

/// A request that cannot be met, with the status and the words of Marathon 1.6.
package struct ClusterFault: Error, Sendable, Hashable, CustomStringConvertible {
  package var status: Int
  package var body: JSON

  package init(status: Int, body: JSON) {
    self.status = status
    self.body = body
  }

  package init(status: Int, message: String) { self.init(status: status, body: ["message": .string(message)]) }

  init(_ error: DefinitionError) { self.init(status: error.status, body: error.body) }

  static func noApp(_ id: String) -> ClusterFault { ClusterFault(status: 404, message: "App '\(id)' does not exist") }

  static let lockedMessage =
    "App is locked by one or more deployments. Override with the option '?force=true'. "
    + "View details at '/v2/deployments/<DEPLOYMENT_ID>'."

  static func locked(by deployments: [String]) -> ClusterFault {
    ClusterFault(
      status: 409,
      body: [
        "message": .string(lockedMessage),
        "deployments": .array(deployments.map { ["id": .string($0)] }),
      ])
  }

  static func invalid(_ message: String, at path: String = "/") -> ClusterFault {
    ClusterFault(.invalid([DefinitionFault(path: path, message: message)]))
  }

  package var description: String { "\(status) \(body.text)" }
}
