import Concurrency
import Glibc
import HTTPServer
import HTTPTypes
import JSON
import Processes

/// A server as a process of its own, on a folder and with a Marathon that only says who it is: for tests of what lies
/// between the server and its clients.
struct ServerProcess: Sendable {
  let folder: Folder
  let process: RunningProcess
  /// As `server.json` has it.
  let url: String

  /// The program as a client of this server, named by `SD_API`.
  var client: Program {
    var program = Program(in: folder)
    program.environment["SD_API"] = url
    program.environment["SD_USER"] = "admin"
    program.environment["SD_KEY"] = String(folder.read("admin-key").prefix { $0 != "\n" })
    return program
  }

  /// Runs `body` against a server with these further arguments, and ends the server afterwards.
  /// - Parameter descriptors: sockets that it inherits, by its own numbers, told to it as systemd does.
  static func with(
    _ arguments: [String], in folder: Folder, descriptors: [Int32: Int32] = [:],
    _ body: (ServerProcess) async throws -> Void
  ) async throws {
    try await withSilentMarathon { marathon in
      let arguments =
        ["server", "--data-dir", "data", "--admin-key-file", "admin-key", "--marathon", marathon] + arguments
      let process = try Program(in: folder).start(arguments, output: "server", descriptors: descriptors)
      do {
        try await body(
          ServerProcess(folder: folder, process: process, url: try await url(of: process, in: folder)))
        await end(process)
      } catch {
        await end(process)
        throw CommandFailure("\(error)\n--- the server's log\n\(folder.read("server.err").suffix(4_000))")
      }
    }
  }

  /// Something that a server takes for a Marathon without applications.
  static func withSilentMarathon(_ body: (_ url: String) async throws -> Void) async throws {
    let marathon = HTTPServer { _ in
      HTTPResponse(
        fields: ["Content-Type": "application/json"],
        body: .bytes(Array(#"{"name":"marathon","version":"1.6.590","frameworkId":"f","marathon_config":{}}"#.utf8)))
    }
    try marathon.start()
    do {
      try await body("http://127.0.0.1:\(marathon.port)")
      await marathon.stop()
    } catch {
      await marathon.stop()
      throw error
    }
  }

  private static func url(of process: RunningProcess, in folder: Folder) async throws -> String {
    var url = ""
    let serves = try await eventually {
      if let status = process.currentExitStatus { throw CommandFailure("the server ended: \(status)") }
      guard let record = try? JSON(parsing: folder.read("data/server.json")),
        record["pid"]?.intValue == Int(process.pid)
      else { return false }
      url = record["url"]?.stringValue ?? ""
      return true
    }
    guard serves else { throw CommandFailure("the server does not serve") }
    return url
  }

  private static func end(_ process: RunningProcess) async {
    if process.currentExitStatus == nil { process.signal(SIGTERM) }
    let isGone = try? await eventually { process.currentExitStatus != nil }
    if isGone != true { process.signal(SIGKILL) }
  }
}
