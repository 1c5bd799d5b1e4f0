import HTTPClient
import HTTPTypes
import JSON
import StackModel

/// The original's command line as far as it talks to a server: the requests that it sends, and what it makes of the
/// answers. It must go on working with our server.
struct OriginalClient: Sendable {
  let http: HTTPClient
  /// `127.0.0.1:PORT`.
  let address: String
  let user: String
  let key: String
  /// The contents of a file that `add` names; nil where there is none.
  let file: @Sendable (String) -> String?

  /// What a command prints and ends with; nil where it does not come to ask the server, or hangs.
  func call(_ arguments: [String], within limit: Duration) async -> Outcome? {
    guard let command = arguments.first else { return nil }
    var words = Array(arguments.dropFirst())
    var name = ""
    if ["run", "show", "remove"].contains(command) {
      guard !words.isEmpty else { return nil }
      name = words.removeFirst()
    }
    guard let flags = GoFlags(words), flags["api"] == nil else { return nil }
    switch command {
    case "ping": return await ask("/health", [:], within: limit) { _ in "Pong\n" }
    case "list": return await ask("/list", [:], failure: "ERROR getting list: ", within: limit, names)
    // It decodes the YAML and encodes it again, which adds its internals; those are left out when stacks are compared.
    case "show": return await ask("/get", ["name": .string(name)], within: limit) { $0 + "\n" }
    case "remove":
      return await ask(
        "/removestack", ["name": .string(name), "force": .bool(flags["force"] == "true")],
        before: "Removing stack \(name)\n", within: limit
      ) { _ in "Stack removed\n" }
    case "run": return await run(name, flags, within: limit)
    case "add", "addlayer": return await add(command, flags, within: limit)
    case "adduser":
      let role = flags["admin"] == "true" ? "admin" : "regular"
      // It takes 201, which the server answers, for a failure.
      return await ask(
        "/createuser", ["name": .string(flags["name"] ?? ""), "role": .string(role)], within: limit
      ) { "User added. Key: \($0)\n" }
    case "refreshtoken":
      return await ask("/refreshtoken", ["name": .string(flags["name"] ?? "")], within: limit) {
        "New key generated: \($0)\n"
      }
    case "scheduled":
      guard let id = Int64(flags["remove"] ?? "-1") else { return nil }
      guard id != -1 else {
        return await ask("/scheduled", [:], within: limit, schedules)
      }
      return await ask("/scheduled/delete", ["id": .integer(id)], within: limit) { $0 + "\n" }
    default: return nil
    }
  }

  private func run(_ name: String, _ flags: GoFlags, within limit: Duration) async -> Outcome? {
    var variables = JSONObject()
    for text in flags.all("var") {
      guard let sign = text.firstIndex(of: "=") else { return nil }
      variables[String(text[..<sign])] = .string(String(text[text.index(after: sign)...]))
    }
    let skip = flags.all("skip")
    guard let maxWait = Int64(flags["max.wait"] ?? "600"), (try? SkipPatterns(skip)) != nil else { return nil }
    let body: JSONObject = [
      "name": .string(name), "zone": .string(flags["zone"] ?? ""), "maxwait": .integer(maxWait),
      "variables": .object(variables), "skip": skip.isEmpty ? .null : .array(skip.map { .string($0) }),
    ]
    return await ask(
      "/run", body, before: "Running stack \(name)\n", failure: "ERROR running client request: ", within: limit
    ) { _ in "Done in 0s\n" }
  }

  private func add(_ command: String, _ flags: GoFlags, within limit: Duration) async -> Outcome? {
    guard let source = file(flags["file"] ?? "Stackfile") else { return nil }
    var body: JSONObject = ["stackfile": .string(source)]
    if command == "addlayer" {
      body["layer"] = .string(flags["level"] ?? "zone")
      body["parent"] = .string(flags["parent"] ?? "")
    }
    return await ask(command == "add" ? "/createstack" : "/createlayer", body, within: limit) { _ in "Stack added\n" }
  }

  private func ask(
    _ path: String, _ body: JSONObject, before: String = "", failure: String = "ERROR: ", within limit: Duration,
    _ success: (String) -> String
  ) async -> Outcome? {
    var request = HTTPClientRequest(.post, url: "http://\(address)\(path)", body: JSON.object(body).bytes)
    request.fields["X-Api-User"] = user
    request.fields["X-Api-Key"] = key
    request.fields["Content-Type"] = "application/json"
    request.timeout = limit
    do {
      let answer = try await http.send(request)
      let text = String(decoding: try await answer.collect(upTo: 16 << 20), as: UTF8.self)
      let hasSucceeded = answer.status == 200
      return .command(
        exit: hasSucceeded ? 0 : 1, output: before + (hasSucceeded ? success(text) : failure + text + "\n"), error: "")
    } catch {
      return nil
    }
  }

  private func names(_ yaml: String) -> String {
    let names = yaml.split(separator: "\n").filter { $0.hasPrefix("- ") }.map { line in
      // As one name of a stack, so that quotes are read as YAML has them.
      StackDecoding("name: \(line.dropFirst(2))").stack?.name ?? ""
    }
    return names.joined(separator: "\n") + "\n"
  }

  private func schedules(_ text: String) -> String {
    let tasks = (try? JSON(parsing: text))?.arrayValue ?? []
    return tasks.map { task in
      "[\(task["id"]?.intValue ?? 0)] \(task["name"]?.stringValue ?? "")\n"
        + "\tstart: '\(task["startTime"]?.stringValue ?? "")'\n\tschedule: '\(task["timeSchedule"]?.stringValue ?? "")'\n"
    }.joined()
  }
}

/// Flags as Go's `flag` reads them: one dash or two, up to the first word that is none.
struct GoFlags {
  private var values: [(name: String, value: String)] = []

  private static let names: Set<String> = [
    "api", "zone", "var", "skip", "max.wait", "file", "level", "parent", "name", "remove",
  ]
  private static let booleans: Set<String> = ["force", "admin"]

  /// Nil where a flag is wrong: the original then asks no server.
  init?(_ words: [String]) {
    var rest = words[...]
    while let word = rest.first, word.hasPrefix("-"), word != "-" {
      rest = rest.dropFirst()
      if word == "--" { return }
      let text = word.drop { $0 == "-" }
      let name = String(text.prefix { $0 != "=" })
      let given = text.firstIndex(of: "=").map { String(text[text.index(after: $0)...]) }
      if Self.booleans.contains(name) {
        guard ["true", "false", "1", "0", nil].contains(given) else { return nil }
        values.append((name, given == "false" || given == "0" ? "false" : "true"))
      } else {
        guard Self.names.contains(name), let value = given ?? rest.popFirst() else { return nil }
        values.append((name, value))
      }
    }
  }

  subscript(name: String) -> String? { values.last { $0.name == name }?.value }
  func all(_ name: String) -> [String] { values.filter { $0.name == name }.map(\.value) }
}
