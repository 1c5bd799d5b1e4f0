import Concurrency
import Glibc
import Processes

/// What a call of the program left behind.
struct CommandResult: CustomStringConvertible {
  var arguments: [String]
  var status: ExitStatus
  var output: String
  var error: String
  /// It was not over in time.
  var wasKilled = false

  var description: String {
    "stack-deploy \(arguments.joined(separator: " ")) → \(status)\n--- stdout\n\(output)--- stderr\n\(error)"
  }
}

/// The real program, in a folder of the test's own.
struct Program: Sendable {
  static let commandNames = [
    "add", "addlayer", "check", "adduser", "list", "ping", "refreshtoken", "remove", "run", "scheduled", "server",
    "show",
    "runs", "status", "events", "logs", "cancel", "resume", "down", "cluster", "completion", "version",
  ]

  let folder: Folder
  var environment: [String: String]
  /// Below the folder; empty: the folder itself.
  var workingFolder = ""

  init(in folder: Folder) {
    self.folder = folder
    environment = ["PATH": "/usr/local/bin:/usr/bin:/bin", "HOME": folder.path, "LANG": "C.UTF-8"]
  }

  func callAsFunction(_ arguments: String..., within limit: Duration = .seconds(30)) async throws -> CommandResult {
    try await call(arguments, within: limit)
  }

  /// Runs it to its end. It is killed, and the test fails, after the limit.
  func call(
    _ arguments: [String], executable: String? = nil, within limit: Duration = .seconds(30)
  ) async throws -> CommandResult {
    let result = await end(of: try begin(arguments, executable: executable), within: limit)
    if result.wasKilled { throw CommandFailure("not over after \(limit): \(result)") }
    return result
  }

  /// A call that has been started and not awaited.
  struct Begun: Sendable {
    var arguments: [String]
    var process: RunningProcess
    fileprivate var output: String
  }

  func begin(_ arguments: [String], executable: String? = nil) throws -> Begun {
    let output = "call-\(UInt32.random(in: 0 ... .max))"
    let process = try start(arguments, output: output, executable: executable)
    return Begun(arguments: arguments, process: process, output: output)
  }

  /// Waits for its end; kills it after the limit.
  func end(of call: Begun, within limit: Duration) async -> CommandResult {
    let isLate = Locked(false)
    let status = await withTaskGroup(of: Void.self) { group in
      group.addTask {
        guard (try? await Task.sleep(for: limit)) != nil else { return }
        isLate.withLock { $0 = true }
        call.process.signal(SIGKILL)
      }
      let status = await call.process.exitStatus()
      group.cancelAll()
      return status
    }
    return CommandResult(
      arguments: call.arguments, status: status, output: folder.read("\(call.output).out"),
      error: folder.read("\(call.output).err"), wasKilled: isLate.withLock { $0 })
  }

  /// Runs a line of bash in which the program is `stack-deploy`.
  func shell(_ script: String, within limit: Duration = .seconds(30)) async throws -> CommandResult {
    var program = self
    let folder = try HelperLocation.find("stack-deploy").split(separator: "/").dropLast().joined(separator: "/")
    program.environment["PATH"] = "/\(folder):\(environment["PATH"] ?? "")"
    return try await program.call(["-c", script], executable: "/bin/bash", within: limit)
  }

  /// Starts it; what it writes goes to `<output>.out` and `<output>.err`, behind what is there.
  /// - Parameter descriptors: listening sockets that it inherits, by its own numbers, told to it as systemd does.
  func start(
    _ arguments: [String], output: String, executable: String? = nil, descriptors: [Int32: Int32] = [:]
  ) throws -> RunningProcess {
    var specification = ProcessSpecification(
      executable: try executable ?? HelperLocation.find("stack-deploy"), arguments: arguments, environment: environment,
      workingDirectory: workingFolder.isEmpty ? folder.path : folder.file(workingFolder))
    if !descriptors.isEmpty {
      // Only the process itself knows its number.
      specification.arguments =
        ["-c", "export LISTEN_PID=$$ LISTEN_FDS=\(descriptors.count); exec \"$0\" \"$@\"", specification.executable]
        + arguments
      specification.executable = "/bin/sh"
      specification.descriptors = descriptors
    }
    specification.output = .file(folder.file("\(output).out"), append: true)
    specification.error = .file(folder.file("\(output).err"), append: true)
    return try ProcessReactor.shared.spawn(specification)
  }
}

/// Polls until the condition holds; false after the deadline. For facts that only other processes settle.
func eventually(within limit: Duration = .seconds(20), _ condition: () async throws -> Bool) async throws -> Bool {
  let deadline = ContinuousClock.now + limit
  while try await !condition() {
    if ContinuousClock.now > deadline { return false }
    try await Task.sleep(for: .milliseconds(20))
  }
  return true
}
