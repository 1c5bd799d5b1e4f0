import Concurrency
import Glibc
import JSON
import Processes

/// The server of a case: the real program, in a folder of its own below the case's.
final class CaseServer: Sendable {
  let process: RunningProcess
  /// `127.0.0.1:PORT`; nil if it did not come to serve.
  let address: String?
  private let folder: Folder
  private let log: String

  private init(_ process: RunningProcess, _ address: String?, _ folder: Folder, _ log: String) {
    self.process = process
    self.address = address
    self.folder = folder
    self.log = log
  }

  /// Starts it and waits until it serves or has ended.
  static func start(_ arguments: [String], in folder: Folder, number: Int) async throws -> CaseServer {
    let log = "server-\(number)"
    mkdir(folder.file("server"), 0o755)
    var specification = ProcessSpecification(
      executable: try HelperLocation.find("stack-deploy"), arguments: arguments,
      environment: [
        "PATH": "/usr/local/bin:/usr/bin:/bin", "HOME": folder.path, "LANG": "C.UTF-8", "TMPDIR": "/tmp",
        "TZ": "UTC", "GOTRACEBACK": "single",
      ],
      workingDirectory: folder.file("server"))
    specification.output = .file(folder.file("\(log).out"), append: true)
    specification.error = .file(folder.file("\(log).err"), append: true)
    let process = try ProcessReactor.shared.spawn(specification)
    let address = Locked<String?>(nil)
    let isSettled = try await eventually(within: .seconds(60)) {
      if process.currentExitStatus != nil { return true }
      for line in folder.read("\(log).err").split(separator: "\n") where line.contains("\"serves\"") {
        guard let url = (try? JSON(parsing: String(line)))?["url"]?.stringValue else { continue }
        address.withLock { $0 = String(url.dropFirst("http://".count)) }
        return true
      }
      return false
    }
    guard isSettled else { throw CommandFailure("the server neither serves nor ends: \(folder.read("\(log).err"))") }
    return CaseServer(process, address.withLock { $0 }, folder, log)
  }

  var output: String { folder.read("\(log).out") }
  var errors: String { folder.read("\(log).err") }
  var isAlive: Bool { process.currentExitStatus == nil }

  var exit: Int? { process.currentExitStatus?.code }

  func stop(_ signal: Int32) async -> Int {
    if process.currentExitStatus == nil { process.signal(signal) }
    let isGone = try? await eventually { process.currentExitStatus != nil }
    if isGone != true { process.signal(SIGKILL) }
    return await process.exitStatus().code
  }
}

extension ExitStatus {
  /// As the recordings have it: a signal is a negative number.
  var code: Int {
    switch self {
    case .exited(let code): Int(code)
    case .signalled(let number): -Int(number)
    }
  }
}
