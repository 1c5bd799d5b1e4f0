import Concurrency
import HTTPServer
import HTTPTypes
import JSON

/// Marathon as a recorded case has it: what is posted runs at once, or after some questions, or never, or is refused.
final class ScriptedMarathon: Sendable {
  private struct State {
    var script: JSON
    var places: [String: [JSON]]
    var apps: [String: App] = [:]
    var changes: [MarathonChange] = []
  }

  private struct App {
    var definition: JSONObject
    /// How often it was asked for since it was posted.
    var questions = 0
  }

  private let state: Locked<State>
  private let server: HTTPServer

  /// - Parameters:
  ///   - script: the member `marathon` of a case's surroundings.
  ///   - places: hosts and ports of tasks, where the script says nothing.
  init(_ script: JSON, places: [String: [JSON]]) throws {
    let state = Locked(State(script: script, places: places))
    self.state = state
    server = HTTPServer { request in
      let body = (try? await request.collectBody(upTo: 16 << 20)) ?? []
      return state.withLock { Self.answer(request, body, &$0) }
    }
    try server.start()
  }

  var port: Int { server.port }
  var changes: [MarathonChange] { state.withLock { $0.changes } }
  func stop() async { await server.stop() }

  func change(_ script: JSON) {
    state.withLock { state in
      var members = state.script.objectValue ?? [:]
      for (key, value) in script.objectValue ?? [:] { members[key] = value }
      state.script = .object(members)
    }
  }

  private static func answer(_ request: HTTPRequest, _ bytes: [UInt8], _ state: inout State) -> HTTPResponse {
    if request.method != .get {
      state.changes.append(
        MarathonChange(
          method: "\(request.method)", path: request.path,
          body: (try? JSON(parsing: bytes)) ?? .string(String(decoding: bytes, as: UTF8.self))))
    }
    let segments = request.pathSegments
    guard segments.first == "v2" else { return json(["message": "not here"], 404) }
    switch segments.dropFirst().first {
    case "info": return prescribed(state.script["info"]) ?? json(info)
    case "deployments": return json([])
    case "queue": return json(["queue": []])
    case "apps": return apps(request.method, Array(segments.dropFirst(2)), bytes, &state)
    default: return json(["message": "not here"], 404)
    }
  }

  private static func apps(
    _ method: HTTPMethod, _ segments: [String], _ bytes: [UInt8], _ state: inout State
  ) -> HTTPResponse {
    let definition = (try? JSON(parsing: bytes))?.objectValue ?? [:]
    let asksTasks = method == .get && segments.count > 1 && segments.last == "tasks"
    let id =
      method == .post
      ? definition["id"]?.stringValue.map { $0.hasPrefix("/") ? String($0.dropFirst()) : $0 } ?? ""
      : (asksTasks ? segments.dropLast() : segments[...]).joined(separator: "/")
    let script = state.script["apps"]?[id] ?? state.script["default"] ?? [:]
    let places = script["tasks"]?.arrayValue ?? state.places[id]
    let missing = json(["message": .string("App '/\(id)' does not exist")], 404)
    switch method {
    case .post:
      if let answer = prescribed(script["post"]) { return answer }
      if state.apps[id] != nil { return json(["message": .string("An app with id [/\(id)] already exists.")], 409) }
      state.apps[id] = App(definition: definition)
      var created = shown(id, definition)
      created["tasks"] = []
      created["deployments"] = [["id": .string("dep-\(id)")]]
      return json(.object(created), 201)
    case .put:
      guard state.apps[id] != nil else { return missing }
      state.apps[id] = App(definition: definition)
      return json(["version": "2016-05-01T00:00:00.000Z", "deploymentId": .string("dep-\(id)")])
    case .delete:
      guard state.apps.removeValue(forKey: id) != nil else { return missing }
      return json(["version": "2016-05-01T00:00:00.000Z", "deploymentId": .string("dep-\(id)")])
    default:
      guard var app = state.apps[id] else { return missing }
      if asksTasks {
        return prescribed(script["tasks_reply"]) ?? json(["tasks": .array(tasks(id, app.definition, places))])
      }
      if let answer = prescribed(script["get"]) { return answer }
      if script["null_app"]?.boolValue == true { return json(["app": .null]) }
      app.questions += 1
      state.apps[id] = app
      return json(["app": .object(running(id, app, script, places))])
    }
  }

  private static func running(_ id: String, _ app: App, _ script: JSON, _ places: [JSON]?) -> JSONObject {
    var shown = shown(id, app.definition)
    let tasks = tasks(id, app.definition, places)
    let runs = script["never"]?.boolValue != true && app.questions > script["polls"]?.intValue ?? 0
    guard runs else { return shown }
    let isChecked = !(app.definition["healthChecks"]?.arrayValue ?? []).isEmpty
    let isHealthy =
      isChecked && script["unhealthy"]?.boolValue != true && app.questions > script["healthy_polls"]?.intValue ?? 0
    let count = JSON.integer(Int64(tasks.count))
    shown["tasks"] = .array(
      isHealthy
        ? tasks.map { task in
          var task = task.objectValue ?? [:]
          task["healthCheckResults"] = [["alive": true, "consecutiveFailures": 0, "taskId": task["id"] ?? .null]]
          return .object(task)
        } : tasks)
    shown["tasksRunning"] = count
    shown["tasksHealthy"] = isHealthy ? count : 0
    shown["tasksUnhealthy"] = isChecked && script["unhealthy"]?.boolValue == true ? count : 0
    return shown
  }

  private static func shown(_ id: String, _ definition: JSONObject) -> JSONObject {
    var shown = definition
    shown["id"] = .string("/\(id)")
    shown["version"] = "2016-05-01T00:00:00.000Z"
    for key in ["tasksStaged", "tasksRunning", "tasksHealthy", "tasksUnhealthy"] { shown[key] = 0 }
    shown["deployments"] = []
    shown["tasks"] = []
    return shown
  }

  private static func tasks(_ id: String, _ definition: JSONObject, _ places: [JSON]?) -> [JSON] {
    let places =
      places
      ?? Array(repeating: ["host": "127.0.0.1", "ports": [31000]], count: definition["instances"]?.intValue ?? 1)
    return places.enumerated().map { index, place in
      var task: JSONObject = [
        "appId": .string("/\(id)"), "id": .string("\(id).task-\(index)"), "servicePorts": [10000], "slaveId": "S0",
        "state": "TASK_RUNNING", "stagedAt": "2016-05-01T00:00:00.000Z", "startedAt": "2016-05-01T00:00:01.000Z",
        "version": "2016-05-01T00:00:00.000Z",
      ]
      for (key, value) in place.objectValue ?? [:] { task[key] = value }
      return .object(task)
    }
  }

  private static let info: JSON = [
    "name": "marathon", "version": "0.15.3", "frameworkId": "fake-marathon-0000", "elected": true,
    "marathon_config": ["master": "zk://127.0.0.1:2181/mesos"],
  ]

  /// What a script gives word for word: a status and a body, which need not be JSON.
  static func prescribed(_ answer: JSON?) -> HTTPResponse? {
    guard let status = answer?["status"]?.intValue else { return nil }
    let body = answer?["body"]?.stringValue ?? answer?["body"]?.text ?? ""
    return HTTPResponse(status: status, fields: ["Content-Type": "application/json"], body: .bytes(Array(body.utf8)))
  }

  private static func json(_ value: JSON, _ status: Int = 200) -> HTTPResponse { .json(value.bytes, status: status) }
}
