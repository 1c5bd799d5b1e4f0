import Concurrency
import HTTPServer
import HTTPTypes
import JSON

/// As much of Marathon as a run needs, over a real socket: what is posted runs at once, unless it is told otherwise.
final class FakeMarathon: Sendable {
  struct State: Sendable {
    var apps: [String: JSON] = [:]
    var version: Int64 = 0
    /// Applications whose tasks never start.
    var stuck: Set<String> = []
    var queue: JSON = ["queue": []]
    /// Files in sandboxes by path: `/tasks/<task>/stdout`.
    var files: [String: [UInt8]] = [:]
    /// In place of the answer to `POST /v2/apps`.
    var creation: (status: Int, body: String)?
    /// In place of every answer.
    var answer: (status: Int, body: String)?
    var requests: [String] = []
  }

  let state = Locked(State())
  private let server: HTTPServer

  init() throws {
    let state = state
    server = HTTPServer { request in
      let body = (try? await request.collectBody(upTo: 1 << 20)) ?? []
      return state.withLock { $0.answer(request, body) }
    }
    try server.start()
  }

  var url: String { "http://127.0.0.1:\(server.port)" }
  func stop() async { await server.stop() }

  /// The task of an application that was stuck runs.
  func letGo(_ id: String) {
    state.withLock { state in
      state.stuck.remove(id)
      guard var app = state.apps[id]?.objectValue else { return }
      app["tasksRunning"] = 1
      app["tasksStaged"] = 0
      state.apps[id] = .object(app)
    }
  }
}

extension FakeMarathon.State {
  fileprivate mutating func answer(_ request: HTTPRequest, _ bytes: [UInt8]) -> HTTPResponse {
    requests.append("\(request.method) \(request.path)")
    if let answer {
      return HTTPResponse(
        status: answer.status, fields: ["Content-Type": "text/html"], body: .bytes(Array(answer.body.utf8)))
    }
    if let creation, request.method == .post {
      return HTTPResponse(status: creation.status, body: .bytes(Array(creation.body.utf8)))
    }
    let body = try? JSON(parsing: bytes)
    let id = "/" + request.pathSegments.dropFirst(2).joined(separator: "/")
    switch (request.method, request.pathSegments.prefix(2).joined(separator: "/")) {
    case (.get, "v2/info"):
      return json([
        "frameworkId": "F", "version": "1.6.567", "marathon_config": ["master": "zk://127.0.0.1:2181/mesos"],
      ])
    case (.get, "v2/deployments"): return json([])
    case (.get, "files/read"): return file(request.query)
    case (.get, "v2/queue"): return json(queue)
    case (.post, "v2/apps"):
      let name = body?["id"]?.stringValue ?? ""
      let id = name.hasPrefix("/") ? name : "/" + name
      if apps[id] != nil { return json(["message": .string("An app with id [\(id)] already exists.")], status: 409) }
      apps[id] = define(id, body)
      return json(apps[id] ?? .null, status: 201)
    case (.get, "v2/apps"):
      guard let app = apps[id] else { return missing(id) }
      return json(["app": app])
    case (.put, "v2/apps"):
      guard apps[id] != nil else { return missing(id) }
      apps[id] = define(id, body)
      return json(["version": apps[id]?["version"] ?? "", "deploymentId": "d"])
    case (.delete, "v2/apps"):
      guard apps.removeValue(forKey: id) != nil else { return missing(id) }
      return json(["version": "v", "deploymentId": "d"])
    default: return json(["message": "not here"], status: 404)
    }
  }

  private mutating func define(_ id: String, _ body: JSON?) -> JSON {
    version += 1
    var app = body?.objectValue ?? JSONObject()
    let runs = !stuck.contains(id)
    app["id"] = .string(id)
    app["version"] = .string(Timestamp(millisecondsSinceEpoch: version).description)
    app["tasksStaged"] = runs ? 0 : 1
    app["tasksRunning"] = runs ? 1 : 0
    app["tasksHealthy"] = 0
    app["tasksUnhealthy"] = 0
    app["deployments"] = []
    app["tasks"] =
      runs
      ? [
        [
          "id": .string("\(id.dropFirst()).task"), "appId": .string(id), "host": "127.0.0.1", "ports": [1234],
          "state": "TASK_RUNNING", "startedAt": "2026-11-25T00:00:00.000Z", "slaveId": "S1",
          "version": app["version"] ?? "",
        ]
      ] : []
    return .object(app)
  }

  private func file(_ query: QueryItems) -> HTTPResponse {
    guard let bytes = files[query["path"] ?? ""], let offset = Int(query["offset"] ?? ""),
      let length = Int(query["length"] ?? "")
    else { return json(["message": "no such file"], status: 404) }
    if offset < 0 { return json(["data": "", "offset": .integer(Int64(bytes.count))]) }
    let piece = bytes.dropFirst(offset).prefix(length)
    return json(["data": .string(String(decoding: piece, as: UTF8.self)), "offset": .integer(Int64(offset))])
  }

  private func missing(_ id: String) -> HTTPResponse {
    json(["message": .string("App '\(id)' does not exist")], status: 404)
  }

  private func json(_ value: JSON, status: Int = 200) -> HTTPResponse { .json(value.bytes, status: status) }
}
