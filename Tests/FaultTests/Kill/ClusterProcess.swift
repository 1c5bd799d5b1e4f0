import Concurrency
import FaultInjection
import Glibc
import HTTPClient
import HTTPTypes
import JSON
import MarathonClient
import Processes
import TestFolders

/// The embedded cluster as a process of its own, which runs on while servers come and go, with a record of what was asked of
/// it.
final class ClusterProcess: Sendable {
  struct Failure: Error, CustomStringConvertible {
    let description: String
  }

  let folder: TemporaryFolder
  let url: String
  /// `USER:PASSWORD`.
  let credential: String
  private let process: Locked<RunningProcess>
  private let changes = Locked<[String: Int]>([:])
  private let port: Int

  /// Runs `body` against a cluster and ends it with all its tasks afterwards, whatever happens.
  static func with<Result: Sendable>(
    _ body: @escaping @Sendable (ClusterProcess) async throws -> Result
  ) async throws -> Result {
    let cluster = try await ClusterProcess()
    return try await withThrowingTaskGroup(of: Result?.self) { group in
      group.addTask {
        await cluster.listen()
        return nil
      }
      group.addTask { try await body(cluster) }
      do {
        var result: Result?
        while result == nil, let next = try await group.next() { result = next }
        group.cancelAll()
        await cluster.end()
        guard let result else { throw Failure(description: "the body did not return") }
        return result
      } catch {
        group.cancelAll()
        await cluster.end()
        throw error
      }
    }
  }

  private init() async throws {
    folder = try TemporaryFolder()
    let process = try Self.start(in: folder, port: 0)
    self.process = Locked(process)
    let record = try await Self.record(folder, process)
    url = record
    port = record.split(separator: ":").last.flatMap { Int($0) } ?? 0
    credential = folder.read("cluster/credential").split(separator: "\n").first.map(String.init) ?? ""
  }

  private static func start(in folder: TemporaryFolder, port: Int) throws -> RunningProcess {
    var specification = ProcessSpecification(
      executable: try HelperLocation.find("stack-deploy"),
      arguments: ["cluster", "--data-dir", folder.path, "--marathon", "127.0.0.1:\(port)"],
      environment: ["PATH": "/usr/local/bin:/usr/bin:/bin", "HOME": folder.path], workingDirectory: folder.path)
    specification.output = .file(folder.file("cluster.out"), append: true)
    specification.error = .file(folder.file("cluster.err"), append: true)
    return try ProcessReactor.shared.spawn(specification)
  }

  private static func record(_ folder: TemporaryFolder, _ process: RunningProcess) async throws -> String {
    for _ in 0..<1_000 {
      if let record = try? JSON(parsing: folder.read("cluster/cluster.json")),
        record["pid"]?.intValue == Int(process.pid),
        let url = record["url"]?.stringValue
      {
        return url
      }
      if let status = process.currentExitStatus {
        throw Failure(description: "the cluster ended: \(status)\n\(folder.read("cluster.err"))")
      }
      try await Task.sleep(for: .milliseconds(10))
    }
    throw Failure(description: "the cluster does not come up")
  }

  /// SIGKILL, and a new one on the same folder and port.
  func killAndRestart() async throws {
    let old = process.withLock { $0 }
    old.signal(SIGKILL)
    _ = await old.exitStatus()
    unlink(folder.file("cluster/cluster.json"))
    let next = try Self.start(in: folder, port: port)
    process.withLock { $0 = next }
    _ = try await Self.record(folder, next)
  }

  private func end() async {
    let running = process.withLock { $0 }
    running.signal(SIGTERM)
    _ = await running.exitStatus()
  }

  var authorization: BasicAuthorization? {
    guard let colon = credential.firstIndex(of: ":") else { return nil }
    return BasicAuthorization(
      user: String(credential[..<colon]), password: String(credential[credential.index(after: colon)...]))
  }

  func client(_ http: HTTPClient) throws -> MarathonClient {
    try MarathonClient(endpoints: [url], credentials: authorization, httpClient: http)
  }

  private func listen() async {
    let http = HTTPClient()
    defer { http.shutdown() }
    guard let client = try? client(http) else { return }
    do {
      for try await element in client.events() {
        // Every POST, PUT and PATCH of an application that the cluster took.
        if case .event(.apiPost(let app, _)) = element { changes.withLock { $0[app.id, default: 0] += 1 } }
      }
    } catch {
      // Cancelled at the end.
    }
  }

  /// How often applications whose id begins so were created or changed, since the last call.
  func takeChanges(of prefix: String) -> [String: Int] {
    changes.withLock { changes in
      let taken = changes.filter { $0.key.hasPrefix("/\(prefix)-") }
      for id in taken.keys { changes[id] = nil }
      return taken
    }
  }

  /// Ids of the applications that begin so.
  func applications(_ prefix: String) async throws -> [String] {
    let http = HTTPClient()
    defer { http.shutdown() }
    return try await client(http).apps().map(\.id).filter { $0.hasPrefix("/\(prefix)-") }
  }
}
