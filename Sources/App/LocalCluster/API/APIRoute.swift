/// A path of the API, read as Marathon reads it: one trailing slash is ignored, the id of an application may hold slashes,
/// encoded or not.
enum APIRoute: Hashable {
  case ping
  case info
  case leader
  case apps
  case app(String)
  /// `/v2/apps/{group}/*`
  case appsBelow(String)
  case restart(String)
  case tasks(String)
  case task(String, String)
  case versions(String)
  case version(String, String)
  case allTasks
  case deleteTasks
  case deployments
  case deployment(String)
  case queue
  case delay(String)

  init?(path: String) {
    switch path.hasSuffix("/") && path.count > 1 ? String(path.dropLast()) : path {
    case "/ping": self = .ping
    case "/v2/info": self = .info
    case "/v2/leader": self = .leader
    case "/v2/apps": self = .apps
    case "/v2/tasks": self = .allTasks
    case "/v2/tasks/delete": self = .deleteTasks
    case "/v2/deployments": self = .deployments
    case "/v2/queue": self = .queue
    case let path where path.hasPrefix("/v2/apps/"): self.init(app: String(path.dropFirst("/v2/apps/".count)))
    case let path where path.hasPrefix("/v2/deployments/"):
      let id = path.dropFirst("/v2/deployments/".count)
      guard !id.contains("/") else { return nil }
      self = .deployment(Self.decoded(id))
    case let path where path.hasPrefix("/v2/queue/") && path.hasSuffix("/delay"):
      let id = path.dropFirst("/v2/queue/".count).dropLast("/delay".count)
      self = .delay(AppPath.normalized(Self.decoded(id)))
    default: return nil
    }
  }

  private init(app rest: String) {
    let segments = rest.split(separator: "/", omittingEmptySubsequences: false).map(Self.decoded)
    func id(_ count: Int) -> String {
      let text = segments.prefix(count).joined(separator: "/")
      return AppPath.normalized(text.hasPrefix("/") ? text : "/" + text)
    }
    let count = segments.count
    if count > 1, segments[count - 1] == "restart" {
      self = .restart(id(count - 1))
    } else if count > 1, segments[count - 1] == "tasks" {
      self = .tasks(id(count - 1))
    } else if count > 2, segments[count - 2] == "tasks" {
      self = .task(id(count - 2), segments[count - 1])
    } else if count > 1, segments[count - 1] == "versions" {
      self = .versions(id(count - 1))
    } else if count > 2, segments[count - 2] == "versions" {
      self = .version(id(count - 2), segments[count - 1])
    } else if segments[count - 1] == "*" {
      self = .appsBelow(id(count - 1))
    } else {
      self = .app(id(count))
    }
  }

  /// What may be asked of it; HEAD goes with GET.
  var methods: Set<String> {
    switch self {
    case .apps: ["GET", "POST", "PUT", "PATCH"]
    case .app: ["GET", "PUT", "PATCH", "DELETE"]
    case .restart, .deleteTasks: ["POST"]
    case .tasks: ["GET", "DELETE"]
    case .task, .deployment, .delay: ["DELETE"]
    case .ping, .info, .leader, .appsBelow, .versions, .version, .allTasks, .deployments, .queue: ["GET"]
    }
  }

  /// Percent escapes decoded; one that is broken stays as it is.
  static func decoded(_ text: some StringProtocol) -> String {
    var bytes: [UInt8] = []
    var rest = Array(text.utf8)[...]
    func digit(_ byte: UInt8) -> UInt8? {
      switch byte {
      case UInt8(ascii: "0")...UInt8(ascii: "9"): byte - UInt8(ascii: "0")
      case UInt8(ascii: "a")...UInt8(ascii: "f"): byte - UInt8(ascii: "a") + 10
      case UInt8(ascii: "A")...UInt8(ascii: "F"): byte - UInt8(ascii: "A") + 10
      default: nil
      }
    }
    while let byte = rest.popFirst() {
      if byte == UInt8(ascii: "%"), rest.count >= 2, let high = digit(rest[rest.startIndex]),
        let low = digit(rest[rest.startIndex + 1])
      {
        bytes.append(high << 4 | low)
        rest = rest.dropFirst(2)
      } else {
        bytes.append(byte)
      }
    }
    return String(decoding: bytes, as: UTF8.self)
  }
}
