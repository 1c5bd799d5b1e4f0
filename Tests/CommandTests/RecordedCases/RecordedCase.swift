import JSON

/// A recorded session with the original: how server and surroundings were set up, what was done, what came of it.
struct RecordedCase: Sendable {
  var name: String
  /// Files in the folder in which commands run.
  var files: [String: String]
  /// Files in the server's folder.
  var serverFiles: [String: String]
  /// How the surroundings answer.
  var surroundings: JSON
  var steps: [RecordedStep]
  /// What Marathon was sent and is not only a question, in order.
  var changes: [MarathonChange]
  /// Where Marathon said that an application's tasks run: host and ports of each.
  var places: [String: [JSON]]

  init(_ json: JSON) throws {
    guard let name = json["name"]?.stringValue, let steps = json["steps"]?.arrayValue else {
      throw CommandFailure("a recorded case without name or steps")
    }
    self.name = name
    files = Self.texts(json["files"])
    serverFiles = Self.texts(json["options"]?["server_files"])
    surroundings = json["fake"] ?? [:]
    self.steps = steps.map(RecordedStep.init)
    places = [:]
    for request in json["upstream"]?.arrayValue ?? [] {
      guard let app = request["reply_json"]?["app"], let tasks = app["tasks"]?.arrayValue, !tasks.isEmpty,
        let id = app["id"]?.stringValue
      else { continue }
      places[String(id.dropFirst())] = tasks.map { ["host": $0["host"] ?? "", "ports": $0["ports"] ?? []] }
    }
    changes = (json["upstream"]?.arrayValue ?? []).compactMap { request in
      guard request["who"]?.stringValue == "marathon", let method = request["method"]?.stringValue, method != "GET"
      else {
        return nil
      }
      return MarathonChange(
        method: method, path: request["path"]?.stringValue ?? "", body: request["json"] ?? request["body"] ?? .null)
    }
  }

  /// A command line talks to a server.
  var asksServers: Bool {
    let starts = steps.contains { step in
      guard case .startServer = step.action else { return false }
      return true
    }
    return starts && calls.contains { $0.arguments.first != "server" }
  }

  var hasBackground: Bool { calls.contains(where: \.isInBackground) }

  private var calls: [RecordedStep.CommandCall] {
    steps.compactMap { step in
      guard case .command(let call) = step.action else { return nil }
      return call
    }
  }

  static func texts(_ json: JSON?) -> [String: String] {
    Dictionary((json?.objectValue ?? [:]).compactMap { key, value in value.stringValue.map { (key, $0) } }) { $1 }
  }
}

/// A request that changes something on Marathon.
struct MarathonChange: Sendable, Hashable {
  var method: String
  var path: String
  var body: JSON

  /// The application's id without the slash at the front.
  var application: String {
    let id = body["id"]?.stringValue ?? path.dropFirst("/v2/apps".count).description
    return id.hasPrefix("/") ? String(id.dropFirst()) : id
  }
}

/// One step of a recorded case, with what came of it.
struct RecordedStep: Sendable {
  enum Action: Sendable {
    case startServer(arguments: [String])
    case stopServer(signal: String)
    case command(CommandCall)
    case request(method: String, path: String, body: String?)
    case sleep(Duration)
    case waitForBackground
    case files
    case changeSurroundings(JSON)
    /// Many requests at once, for some time.
    case hammer(Duration)
    case end
    /// What has no meaning for us.
    case other
  }

  struct CommandCall: Sendable {
    var arguments: [String]
    /// Nil: not set.
    var environment: [String: String?]
    var isInBackground: Bool
    /// When the recording gave up waiting for it.
    var limit: Duration?
  }

  var action: Action
  var outcome: Outcome

  init(_ json: JSON) {
    let arguments = (json["argv"]?.arrayValue ?? []).compactMap(\.stringValue)
    outcome = .none
    switch json["step"]?.stringValue {
    case "server start":
      action = .startServer(arguments: arguments)
      outcome = .server(serves: json["listening"]?.boolValue ?? false, exit: json["exit"]?.intValue)
    case "server stop":
      action = .stopServer(signal: json["signal"]?.stringValue ?? "")
      outcome = .server(serves: false, exit: json["exit"]?.intValue)
    case "cli":
      let environment = (json["env"]?.objectValue ?? [:]).map { ($0.key, $0.value.stringValue) }
      action = .command(
        CommandCall(
          arguments: Array(arguments.dropFirst()), environment: Dictionary(environment) { $1 },
          isInBackground: json["background"] != nil,
          limit: json["timed_out_after_s"]?.doubleValue.map { .seconds($0) }))
      outcome = .command(
        exit: json["exit"]?.intValue, output: json["stdout"]?.stringValue ?? "",
        error: json["stderr"]?.stringValue ?? "")
    case "api":
      action = .request(
        method: json["method"]?.stringValue ?? "GET", path: json["path"]?.stringValue ?? "/",
        body: json["body"]?.stringValue)
      let fields = (json["response_headers"]?.arrayValue ?? []).compactMap { pair in
        pair[0]?.stringValue.flatMap { name in pair[1]?.stringValue.map { (name.lowercased(), $0) } }
      }
      outcome = .answer(
        status: json["status"]?.intValue, text: json["response"]?.stringValue ?? "",
        fields: Dictionary(fields) { $1 }.filter { Outcome.comparedFields.contains($0.key) })
    case "sleep": action = .sleep(.seconds(json["s"]?.doubleValue ?? 0))
    case "wait": action = .waitForBackground
    case "files in the server's working directory":
      action = .files
      outcome = .files(RecordedCase.texts(json["files"]))
    case "fake changed": action = .changeSurroundings(json["cfg"] ?? [:])
    case "end":
      action = .end
      outcome = .alive(json["server_alive"]?.boolValue)
    case let name? where name.hasPrefix("hammer"):
      action = .hammer(.seconds(json["seconds"]?.doubleValue ?? 0))
      outcome = .alive(json["server_alive"]?.boolValue)
    default: action = .other
    }
  }
}

/// What came of a step, the original's or ours.
enum Outcome: Sendable, Hashable {
  case none
  /// Without an exit code: not over, and killed.
  case command(exit: Int?, output: String, error: String)
  /// Without a status: the connection was closed without an answer.
  case answer(status: Int?, text: String, fields: [String: String])
  case server(serves: Bool, exit: Int?)
  case files([String: String])
  case alive(Bool?)
  case changes([MarathonChange])

  static let comparedFields: Set<String> = ["content-type", "x-content-type-options", "location"]
}
