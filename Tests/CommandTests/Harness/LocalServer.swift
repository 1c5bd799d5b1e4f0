import Concurrency
import Glibc
import JSON
import Processes

/// A server with the embedded cluster, as the process that it is: started, killed, started again on the same folder.
final class LocalServer: Sendable {
  let folder: Folder
  private let process: Locked<RunningProcess>
  private let address: Locked<String>

  private static func arguments(api: String) -> [String] {
    ["server", "--local", "--api", api, "--data-dir", "data", "--admin-key-file", "key"]
  }

  /// Runs `body` against a server and ends the server and its cluster afterwards, whatever happens.
  static func with(_ body: (LocalServer) async throws -> Void) async throws {
    let folder = try Folder()
    let process = try Program(in: folder).start(arguments(api: "127.0.0.1:0"), output: "server")
    let server = LocalServer(folder, process)
    do {
      try await server.waitUntilItServes()
      try await body(server)
      await server.end()
    } catch {
      await server.end()
      throw CommandFailure("\(error)\n--- the server's log\n\(folder.read("server.err").suffix(4_000))")
    }
  }

  private init(_ folder: Folder, _ process: RunningProcess) {
    self.folder = folder
    self.process = Locked(process)
    address = Locked("")
  }

  var pid: Int32 { process.withLock { $0.pid } }

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
    let old = process.withLock { $0 }
    old.signal(SIGKILL)
    _ = await old.exitStatus()
    unlink(folder.file("data/server.json"))
    let port = address.withLock { $0 }.split(separator: ":").last.map(String.init) ?? "0"
    let next = try Program(in: folder).start(Self.arguments(api: "127.0.0.1:\(port)"), output: "server")
    process.withLock { $0 = next }
    try await waitUntilItServes()
  }

  /// SIGTERM; the exit status.
  func stop() async -> ExitStatus {
    let running = process.withLock { $0 }
    running.signal(SIGTERM)
    return await running.exitStatus()
  }

  /// The run's state as the JSON of `status` has it.
  func state(ofRun run: Int) async throws -> String {
    let result = try await client("status", "\(run)", "-o", "json")
    return (try? JSON(parsing: result.output)["run"]?["state"]?.stringValue) ?? ""
  }

  var clusterProcess: Int32? {
    (try? JSON(parsing: folder.read("data/cluster/cluster.json"))["pid"]?.intValue).flatMap(Int32.init)
  }

  private func waitUntilItServes() async throws {
    let running = process.withLock { $0 }
    let serves = try await eventually {
      if let status = running.currentExitStatus { throw CommandFailure("the server ended: \(status)") }
      guard let record = try? JSON(parsing: folder.read("data/server.json")),
        record["pid"]?.intValue == Int(running.pid)
      else { return false }
      address.withLock { $0 = record["url"]?.stringValue ?? "" }
      return true
    }
    guard serves else { throw CommandFailure("the server does not serve") }
  }

  private func end() async {
    let cluster = clusterProcess
    let running = process.withLock { $0 }
    if running.currentExitStatus == nil {
      running.signal(SIGTERM)
      let isGone = try? await eventually { running.currentExitStatus != nil }
      if isGone != true { running.signal(SIGKILL) }
    }
    guard let cluster else { return }
    // Still there only where the server did not end as it should.
    if kill(cluster, 0) == 0 { kill(cluster, SIGTERM) }
  }
}
