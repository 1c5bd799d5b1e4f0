import Concurrency
import Glibc
import JSON
import Processes

/// A server with the embedded cluster, as the process that it is: started, killed, started again on the same folder.
final class LocalServer: Sendable {
  let folder: Folder
  private let process: Locked<RunningProcess?>
  private let address: Locked<String>
  /// How often the log said so before this server was started.
  private let listened = Locked(0)
  /// Beside those that every such server has.
  private let further: [String]

  private func arguments(api: String) -> [String] {
    ["server", "--local", "--api", api, "--data-dir", "data", "--admin-key-file", "key"] + further
  }

  /// Runs `body` against a server and ends the server and its cluster afterwards, whatever happens.
  static func with(_ body: (LocalServer) async throws -> Void) async throws {
    try await with([]) { server in
      try server.start()
      try await server.waitUntilItServes()
      try await body(server)
    }
  }

  /// The same with a server that `body` starts, with these further arguments.
  static func with(_ further: [String], _ body: (LocalServer) async throws -> Void) async throws {
    let server = LocalServer(try Folder(), further)
    let folder = server.folder
    do {
      try await body(server)
      await server.end()
    } catch {
      await server.end()
      throw CommandFailure("\(error)\n--- the server's log\n\(folder.read("server.err").suffix(4_000))")
    }
  }

  private init(_ folder: Folder, _ further: [String]) {
    self.folder = folder
    self.further = further
    process = Locked(nil)
    address = Locked("")
  }

  private var running: RunningProcess {
    get throws {
      guard let running = process.withLock({ $0 }) else { throw CommandFailure("the server was not started") }
      return running
    }
  }

  var pid: Int32 { process.withLock { $0?.pid ?? 0 } }

  /// On the address that a former one had.
  func start() throws {
    let port = address.withLock { $0 }.split(separator: ":").last.map(String.init) ?? "0"
    listened.withLock { $0 = logLines(with: "listens;").count }
    let next = try Program(in: folder).start(arguments(api: "127.0.0.1:\(port)"), output: "server")
    process.withLock { $0 = next }
  }

  /// The program as a client of this server.
  var client: Program {
    var program = Program(in: folder)
    program.environment["SD_API"] = address.withLock { $0 }
    program.environment["SD_USER"] = "admin"
    program.environment["SD_KEY"] = String(folder.read("key").prefix { $0 != "\n" })
    return program
  }

  /// SIGKILL, and a new server on the same folder and port.
  func killAndRestart() async throws {
    try await kill()
    try start()
    try await waitUntilItServes()
  }

  func kill() async throws {
    let old = try running
    old.signal(SIGKILL)
    _ = await old.exitStatus()
    unlink(folder.file("data/server.json"))
  }

  /// SIGTERM; the exit status.
  func stop() async throws -> ExitStatus {
    try running.signal(SIGTERM)
    return try await running.exitStatus()
  }

  /// Of a server that ends by itself.
  func end(within limit: Duration = .seconds(30)) async throws -> ExitStatus? {
    let running = try running
    _ = try await eventually(within: limit) { running.currentExitStatus != nil }
    return running.currentExitStatus
  }

  /// The run's state as the JSON of `status` has it.
  func state(ofRun run: Int) async throws -> String {
    let result = try await client("status", "\(run)", "-o", "json")
    return (try? JSON(parsing: result.output)["run"]?["state"]?.stringValue) ?? ""
  }

  var clusterProcess: Int32? {
    (try? JSON(parsing: folder.read("data/cluster/cluster.json"))["pid"]?.intValue).flatMap(Int32.init)
  }

  func waitUntilItServes() async throws {
    try await waitUntil("serves") { running in
      guard let record = try? JSON(parsing: folder.read("data/server.json")),
        record["pid"]?.intValue == Int(running.pid)
      else { return nil }
      return record["url"]?.stringValue
    }
  }

  /// While it brings its bootstrap stack up.
  func waitUntilItListens() async throws {
    let before = listened.withLock { $0 }
    try await waitUntil("listens") { _ in
      let lines = logLines(with: "listens;")
      return lines.count > before ? lines.last?["url"]?.stringValue : nil
    }
  }

  /// Lines of its log whose message begins so.
  func logLines(with text: String) -> [JSON] {
    folder.read("server.err").split(separator: "\n").compactMap { try? JSON(parsing: String($0)) }.filter {
      $0["message"]?.stringValue?.hasPrefix(text) == true
    }
  }

  private func waitUntil(_ what: String, _ url: (RunningProcess) -> String?) async throws {
    let running = try running
    let isThere = try await eventually {
      if let url = url(running) {
        address.withLock { $0 = url }
        return true
      }
      if let status = running.currentExitStatus { throw CommandFailure("the server ended: \(status)") }
      return false
    }
    guard isThere else { throw CommandFailure("never: the server \(what)") }
  }

  private func end() async {
    let cluster = clusterProcess
    if let running = process.withLock({ $0 }), running.currentExitStatus == nil {
      running.signal(SIGTERM)
      let isGone = try? await eventually { running.currentExitStatus != nil }
      if isGone != true { running.signal(SIGKILL) }
    }
    guard let cluster else { return }
    // Still there only where the server did not end as it should.
    if Glibc.kill(cluster, 0) == 0 { Glibc.kill(cluster, SIGTERM) }
  }
}
