import Concurrency
import Glibc
import HTTPClient
import HTTPTypes
import JSON
import Processes

/// What a step gave, beside what it gave with the original.
struct Observation: Sendable {
  var place: String
  /// The command line or request.
  var title: String
  var action: RecordedStep.Action
  var original: Outcome
  var ours: Outcome
}

/// Does what a recorded case did, with the real server against the scripted surroundings.
final class CaseReplay {
  /// Who does what the recorded command lines did.
  enum Commands {
    /// Our program.
    case ours
    /// The original's, as far as it talks to the server.
    case original
  }

  private let recorded: RecordedCase
  private let commands: Commands
  private let folder: Folder
  private let marathon: ScriptedMarathon
  /// Still its port when it is down.
  private let marathonPort: Int
  private let master: ScriptedMaster
  private let client = HTTPClient()
  private var server: CaseServer?
  private var servers = 0
  private var keys: [String: String] = [:]
  private var background: [(Observation, Program, Program.Begun)] = []
  private(set) var observations: [Observation] = []

  /// How long a command may take before it counts as hanging.
  private static let limit = Duration.seconds(25)

  static func observations(of recorded: RecordedCase, with commands: Commands) async throws -> [Observation] {
    let replay = try CaseReplay(recorded, commands)
    do {
      try await replay.run()
      await replay.end()
      return replay.observations
    } catch {
      await replay.end()
      throw CommandFailure("\(recorded.name): \(error)")
    }
  }

  private init(_ recorded: RecordedCase, _ commands: Commands) throws {
    self.recorded = recorded
    self.commands = commands
    folder = try Folder()
    marathon = try ScriptedMarathon(recorded.surroundings["marathon"] ?? [:], places: recorded.places)
    marathonPort = marathon.port
    master = try ScriptedMaster(recorded.surroundings["mesos"] ?? [:])
    mkdir(folder.file("server"), 0o755)
    mkdir(folder.file("client"), 0o755)
    for (name, text) in recorded.serverFiles { try folder.write(text, to: "server/\(name)") }
    for (name, text) in recorded.files { try folder.write(text, to: "client/\(name)") }
  }

  private var isMarathonDown: Bool { recorded.surroundings["marathon"]?["down"]?.boolValue == true }

  private func run() async throws {
    if isMarathonDown { await marathon.stop() }
    for (index, step) in recorded.steps.enumerated() { try await replay(step, "\(recorded.name) step \(index + 1)") }
    await awaitBackground()
    if servers > 0 {
      observations.append(
        Observation(
          place: recorded.name, title: "changes on Marathon", action: .other, original: .changes(recorded.changes),
          ours: .changes(marathon.changes)))
    }
  }

  private func end() async {
    for (_, _, call) in background where call.process.currentExitStatus == nil { call.process.signal(SIGKILL) }
    _ = await server?.stop(SIGTERM)
    client.shutdown()
    await marathon.stop()
    await master.stop()
  }

  private func replay(_ step: RecordedStep, _ place: String) async throws {
    var title = ""
    var ours = Outcome.none
    switch step.action {
    case .startServer(let arguments):
      title = "stack-deploy \(arguments.joined(separator: " "))"
      servers += 1
      let started = try await CaseServer.start(
        CaseArguments.ofServer(
          arguments.map(forUs), dataFolder: folder.file("data"),
          isMarathonBroken: isMarathonDown || recorded.surroundings["marathon"]?["info"] != nil),
        in: folder, number: servers)
      server = started
      if let key = started.output.split(separator: "\n").first(where: { $0.hasPrefix("Admin user key: ") }) {
        keys["admin_key"] = String(key.dropFirst("Admin user key: ".count))
      }
      ours = .server(serves: started.address != nil, exit: started.exit)
      if started.address == nil { title += "\n\(started.errors.suffix(600))" }
    case .stopServer(let signal):
      title = signal
      let number = ["SIGINT": SIGINT, "SIGKILL": SIGKILL][signal] ?? SIGTERM
      ours = .server(serves: false, exit: await server?.stop(number))
    case .command(let call):
      title = call.arguments.joined(separator: " ")
      if commands == .original {
        ours = await originalsOutcome(of: call)
        remember(call.arguments, ours)
        break
      }
      let observation = Observation(
        place: place, title: title, action: step.action, original: step.outcome, ours: .none)
      let program = program(call)
      let begun = try program.begin(call.arguments.map(forUs))
      if call.isInBackground {
        background.append((observation, program, begun))
        try await eventuallyPosted()
        return
      }
      ours = outcome(of: await program.end(of: begun, within: Self.limit))
      remember(call.arguments, ours)
    case .request(let method, let path, let body):
      title = "\(method) \(path) \(body ?? "")"
      ours = await answer(method, path, body, like: step.outcome)
    case .sleep(let duration): try await Task.sleep(for: min(duration, .seconds(2)))
    case .waitForBackground: await awaitBackground()
    case .files:
      guard case .files(let recorded) = step.outcome else { return }
      ours = .files(files(like: recorded))
    case .changeSurroundings(let script):
      if let part = script["marathon"] { marathon.change(part) }
      if let part = script["mesos"] { master.change(part) }
    case .hammer:
      await hammer()
      ours = .alive(server?.isAlive)
    case .end:
      await awaitBackground()
      ours = .alive(server?.isAlive)
    case .other: break
    }
    guard ours != .none else { return }
    observations.append(
      Observation(place: place, title: title, action: step.action, original: step.outcome, ours: ours))
  }

  // MARK: Commands

  private func program(_ call: RecordedStep.CommandCall) -> Program {
    var program = Program(in: folder)
    program.workingFolder = "client"
    program.environment["SD_API"] = server?.address ?? "127.0.0.1:1"
    for (name, value) in call.environment { program.environment[name] = value.map(forUs) }
    return program
  }

  private func outcome(of result: CommandResult) -> Outcome {
    .command(
      exit: result.wasKilled ? nil : result.status.code, output: asRecorded(result.output),
      error: asRecorded(result.error))
  }

  private func originalsOutcome(of call: RecordedStep.CommandCall) async -> Outcome {
    let folder = folder
    let environment = program(call).environment
    guard let server, let address = server.address, environment["SD_API"] == address else { return .none }
    let client = OriginalClient(
      http: client, address: address, user: environment["SD_USER"] ?? "", key: environment["SD_KEY"] ?? ""
    ) { name in
      (try? Folder.contents(of: folder.file("client/\(name)"))).map { String(decoding: $0, as: UTF8.self) }
    }
    guard
      case .command(let exit, let output, let error) = await client.call(
        call.arguments.map(forUs), within: Self.limit)
    else { return .none }
    return .command(exit: exit, output: asRecorded(output), error: error)
  }

  /// A case may go on once the command in the background has begun its work.
  private func eventuallyPosted() async throws {
    let before = marathon.changes.count
    _ = try await eventually(within: .milliseconds(700)) { marathon.changes.count > before }
  }

  private func awaitBackground() async {
    for (observation, program, call) in background {
      var observation = observation
      // Without a server it waits for the next one, longer than a test can.
      let limit = server?.isAlive == true ? Self.limit : .seconds(3)
      observation.ours = outcome(of: await program.end(of: call, within: limit))
      observations.append(observation)
    }
    background = []
  }

  /// Keys that later commands use by the names that the recording gave them: `{john_key}`, then `{john_key2}`.
  private func remember(_ arguments: [String], _ outcome: Outcome) {
    guard case .command(_, let output, _) = outcome, let place = arguments.firstIndex(of: "--name"),
      arguments.indices.contains(place + 1), let key = output.split(separator: " ").last?.split(separator: "\n").first
    else { return }
    let name = arguments[place + 1]
    switch arguments.first {
    case "adduser": if keys["\(name)_key"] == nil { keys["\(name)_key"] = String(key) }
    case "refreshtoken":
      guard output.hasPrefix("New key generated") else { return }
      keys["\(name)_key2"] = String(key)
      keys["\(name)2"] = String(key)
    default: break
    }
  }

  // MARK: Requests

  private func answer(_ method: String, _ path: String, _ body: String?, like recorded: Outcome) async -> Outcome {
    var request = HTTPClientRequest(
      HTTPMethod(rawValue: method), url: "http://\(server?.address ?? "127.0.0.1:1")\(path)",
      body: body.map { Array($0.utf8) })
    request.timeout = Self.limit
    for (name, value) in credentials(for: recorded) { request.fields[name] = value }
    do {
      let answer = try await client.send(request)
      let text = String(decoding: try await answer.collect(upTo: 16 << 20), as: UTF8.self)
      let fields = Outcome.comparedFields.compactMap { name in answer.fields[name].map { (name, $0) } }
      return .answer(status: answer.status, text: asRecorded(text), fields: Dictionary(fields) { $1 })
    } catch {
      return .answer(status: nil, text: "\(error)", fields: [:])
    }
  }

  /// The recordings leave out who asked; the answer tells.
  private func credentials(for recorded: Outcome) -> [String: String] {
    guard let key = keys["admin2"] ?? keys["admin_key"], case .answer(let status, let text, _) = recorded else {
      return [:]
    }
    switch (status, text) {
    case (500, "Key may not be empty\n"): return [:]
    case (500, "not found\n"): return ["X-Api-User": "nobody", "X-Api-Key": key]
    case (403, "Unauthorized\n"): return ["X-Api-User": "admin", "X-Api-Key": "wrong"]
    case (403, _):
      guard let name = text.firstMatch(of: #/User (.*) is not an admin/#).map({ String($0.1) }) else { break }
      return ["X-Api-User": name, "X-Api-Key": keys["\(name)_key2"] ?? keys["\(name)_key"] ?? ""]
    default: break
    }
    return ["X-Api-User": "admin", "X-Api-Key": key]
  }

  private func hammer() async {
    let (client, address) = (client, server?.address ?? "")
    await withTaskGroup(of: Void.self) { group in
      for lane in 0..<8 {
        group.addTask {
          for number in 0..<40 {
            let body = JSON.object(["stackfile": .string("name: s\(lane)-\(number)\n")]).bytes
            for (path, body) in [("/createstack", body), ("/list", Array("{}".utf8))] {
              let request = HTTPClientRequest(.post, url: "http://\(address)\(path)", body: body)
              _ = try? await client.send(request).collect(upTo: 1 << 20)
            }
          }
        }
      }
    }
  }

  // MARK: Files

  /// The recorded files with our contents, and what is there beside them.
  private func files(like recorded: [String: String]) -> [String: String] {
    var files: [String: String] = [:]
    for name in Folder.names(in: folder.file("server")) {
      files[name] = asRecorded(folder.read("server/\(name)"))
    }
    return files
  }

  // MARK: Addresses

  private var addresses: [(recorded: String, ours: String)] {
    [
      ("127.0.0.1:14200", server?.address ?? "127.0.0.1:0"), ("127.0.0.1:14201", server?.address ?? "127.0.0.1:0"),
      ("127.0.0.1:18080", "127.0.0.1:\(marathonPort)"), ("127.0.0.1:15050", "127.0.0.1:\(master.port)"),
    ]
  }

  private func forUs(_ text: String) -> String {
    var text = text
    for (recorded, ours) in addresses { text = text.replacing(recorded, with: ours) }
    for (name, key) in keys { text = text.replacing("{\(name)}", with: key) }
    return text
  }

  private func asRecorded(_ text: String) -> String {
    var text = text
    for (recorded, ours) in addresses.reversed() where ours != "127.0.0.1:0" {
      text = text.replacing(ours, with: recorded)
    }
    return text.replacing(folder.file("server"), with: "/server")
      .replacing(folder.path, with: "/work/\(recorded.name)")
  }
}
