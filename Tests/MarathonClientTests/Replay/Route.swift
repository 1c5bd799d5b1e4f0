import JSON
import MarathonClient

/// The call of the client that makes a recorded request.
enum Route {
  case createApp(JSON)
  case app(String)
  case apps
  case appsInGroup(String)
  case updateApp(String, JSON)
  case restartApp(String)
  case destroyApp(String)
  case versions(String)
  case version(String, String)
  case tasksOfApp(String)
  case tasks
  case killTask(String, app: String)
  case killTasksOfApp(String)
  case killTasks
  case deployments
  case cancelDeployment(String, force: Bool)
  case queue
  case resetQueueDelay(String)
  case info
  case ping

  /// `nil` for what the client never sends.
  init?(_ exchange: Recording.Exchange) {
    let accepted = exchange.header("Content-Type") ?? ""
    guard exchange.body != nil, !accepted.hasPrefix("text/plain") || exchange.path == "/ping" else { return nil }
    var segments = exchange.path.split(separator: "/").map(String.init)
    guard segments.first == "v2" else {
      guard exchange.method == "GET", segments == ["ping"] else { return nil }
      self = .ping
      return
    }
    segments.removeFirst()
    guard let area = segments.first, !exchange.path.hasPrefix("//"), !exchange.path.contains("v2//") else { return nil }
    segments.removeFirst()
    let json = exchange.requestBody.flatMap { try? JSON(parsing: $0) }
    let force = exchange.target.contains("force=true")
    switch (exchange.method, area, segments.isEmpty) {
    case ("GET", "apps", true): self = .apps
    case ("POST", "apps", true):
      guard let json else { return nil }
      self = .createApp(json)
    case (_, "apps", false): self.init(app: segments, exchange.method, json)
    case ("GET", "tasks", true): self = .tasks
    case ("POST", "tasks", false): self = .killTasks
    case ("GET", "deployments", true): self = .deployments
    case ("DELETE", "deployments", false): self = .cancelDeployment(segments[0], force: force)
    case ("GET", "queue", true): self = .queue
    case ("DELETE", "queue", false):
      guard segments.last == "delay" else { return nil }
      self = .resetQueueDelay(segments.dropLast().joined(separator: "/"))
    case ("GET", "info", true): self = .info
    default: return nil
    }
  }

  private init?(app segments: [String], _ method: String, _ json: JSON?) {
    let all = segments.joined(separator: "/")
    if segments.count > 1, let index = segments.lastIndex(where: { ["tasks", "versions", "restart"].contains($0) }),
      index > 0
    {
      let id = segments[..<index].joined(separator: "/")
      let rest = segments[(index + 1)...].first
      switch (method, segments[index], rest) {
      case ("GET", "tasks", nil): self = .tasksOfApp(id)
      case ("DELETE", "tasks", nil): self = .killTasksOfApp(id)
      case ("DELETE", "tasks", let task?): self = .killTask(task, app: id)
      case ("GET", "versions", nil): self = .versions(id)
      case ("GET", "versions", let version?): self = .version(id, version)
      case ("POST", "restart", nil): self = .restartApp(id)
      default: return nil
      }
      return
    }
    switch method {
    case "GET" where segments.last == "*": self = .appsInGroup(segments.dropLast().joined(separator: "/"))
    case "GET": self = .app(all)
    case "PUT":
      guard let json else { return nil }
      self = .updateApp(all, json)
    case "DELETE": self = .destroyApp(all)
    default: return nil
    }
  }

  /// Makes the call and looks at the answer. False when the client says that the thing does not exist, or has none.
  func call(_ client: MarathonClient) async throws -> Bool {
    switch self {
    case .createApp(let definition): return try await !client.createApp(definition).app.id.isEmpty
    case .app(let id): return try await client.app(id) != nil
    case .apps: _ = try await client.apps()
    case .appsInGroup(let group): _ = try await client.apps(inGroup: group)
    case .updateApp(let id, let definition): return try await !client.updateApp(id, definition).deploymentID.isEmpty
    case .restartApp(let id): return try await !client.restartApp(id).deploymentID.isEmpty
    case .destroyApp(let id): return try await !client.destroyApp(id).deploymentID.isEmpty
    case .versions(let id): return try await !client.versions(ofApp: id).isEmpty
    case .version(let id, let version): return try await client.app(id, version: version) != nil
    case .tasksOfApp(let id): return try await !client.tasks(ofApp: id).isEmpty
    case .tasks: _ = try await client.tasks()
    case .killTask(let task, let app): _ = try await client.killTask(task, ofApp: app)
    case .killTasksOfApp(let id): _ = try await client.killTasks(ofApp: id)
    case .killTasks: _ = try await client.killTasks(["x"])
    case .deployments: _ = try await client.deployments()
    case .cancelDeployment(let id, let force): _ = try await client.cancelDeployment(id, force: force)
    case .queue: _ = try await client.queue()
    case .resetQueueDelay(let id): return try await client.resetQueueDelay(ofApp: id)
    case .info: return try await client.info().version != nil
    case .ping: try await client.ping()
    }
    return true
  }

  /// The client answers `nil` or an empty list in place of an error.
  var takesNotFoundAsAnswer: Bool {
    switch self {
    case .app, .version, .tasksOfApp, .resetQueueDelay: true
    default: false
    }
  }
}
