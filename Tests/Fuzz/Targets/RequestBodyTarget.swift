import JSON
import StackAPI

@testable import StackServer

extension FuzzTarget {
  /// The bodies of both of the server's APIs.
  static let requestBodies = FuzzTarget(
    name: "request-bodies", summary: "bodies of the original's API and of the JSON API", longestInput: 2_048
  ) { bytes in
    let request = OriginalRequest(bytes)
    _ = request.string("name")
    _ = request.bool("force")
    _ = request.integer("maxwait")
    _ = request.texts("vars")
    _ = request.list("skip")

    guard let json = try? JSON(parsing: bytes) else { return }
    try comesBack(APIRunRequest.self, json)
    try comesBack(APIDownRequest.self, json)
    try comesBack(APIResumeRequest.self, json)
    try comesBack(APIApproval.self, json)
    try comesBack(APILogRequest.self, json)
    try comesBack(APIStackAddition.self, json)
    try comesBack(APIUserAddition.self, json)
    // What the command line reads from a server.
    try comesBack(APIErrorBody.self, json)
    try comesBack(APIEvent.self, json)
    try comesBack(APIEventPage.self, json)
    try comesBack(APIRunStatus.self, json)
    try comesBack(APIRunPage.self, json)
    try comesBack(APIStackPage.self, json)
    try comesBack(APIInfo.self, json)
  }

  private static func comesBack<Body: Codable & Equatable>(_ type: Body.Type, _ json: JSON) throws {
    guard let body = try? json.decode(type) else { return }
    let written = try JSON(encoding: body)
    try require(try JSON(parsing: written.bytes).decode(type) == body, "\(type) does not come back: \(written.text)")
  }
}
