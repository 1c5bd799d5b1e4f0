import Concurrency
import Glibc
import HTTPClient
import HTTPTypes
import Processes

extension LocalCluster {
  /// The cluster of a data folder: the one that runs, or a new one, as a process in a session of its own that outlives its starter.
  ///
  /// - Parameters:
  ///   - executable: the program `stack-deploy`, whose command `cluster` is run.
  ///   - orphanTimeout: how long a new cluster goes on when nobody holds a lease.
  /// - Returns: the endpoint with a lease; the cluster lives while the lease does.
  /// - Throws: `ClusterError` with the end of the cluster's log if it does not come up within `limit`.
  package static func ensureRunning(
    dataDirectory: String, executable: String, agents: Int = 3, authentication: Bool = true,
    orphanTimeout: Duration = .seconds(300), limit: Duration = .seconds(20)
  ) async throws -> ClusterEndpoint {
    let folder = ClusterFolder(dataDirectory)
    try Files.createFolder(folder.own)
    let client = HTTPClient()
    defer { client.shutdown() }
    let lease = try await takeLease(folder)
    if let running = try endpoint(folder, lease), await running.answers(client) { return running }
    let process = try spawn(
      folder, executable: executable, agents: agents, authentication: authentication, orphanTimeout: orphanTimeout)
    let time = SteadyTime()
    let deadline = time.now() + limit
    while time.now() < deadline {
      if let running = try endpoint(folder, lease), await running.answers(client) { return running }
      // One that ended may have found another one running, started at the same moment by somebody else.
      if let status = process.currentExitStatus, try endpoint(folder, lease) == nil {
        throw ClusterError(.cannotStart, "the cluster did not start (\(status)). \(logTail(folder))")
      }
      try await time.sleep(for: .milliseconds(10))
    }
    process.signal(SIGTERM)
    throw ClusterError(.doesNotAnswer, "the cluster did not answer within \(limit). \(logTail(folder))")
  }

  /// The cluster that runs on a data folder, if one does.
  package static func find(dataDirectory: String) async throws -> ClusterEndpoint? {
    let client = HTTPClient()
    defer { client.shutdown() }
    guard let running = try endpoint(ClusterFolder(dataDirectory), nil), await running.answers(client) else {
      return nil
    }
    return running
  }

  private static func endpoint(_ folder: ClusterFolder, _ lease: ClusterEndpoint.Lease?) throws -> ClusterEndpoint? {
    guard let record = ClusterRecord.read(folder.record), record.isAlive else { return nil }
    return ClusterEndpoint(record: record, credential: try Credential.load(folder.credential), lease: lease)
  }

  /// A cluster looks now and then whether the lease is held, for which it takes it for a moment.
  private static func takeLease(_ folder: ClusterFolder) async throws -> ClusterEndpoint.Lease {
    for _ in 0..<200 {
      if let lock = try FolderLock.take(folder.lease, .shared) { return ClusterEndpoint.Lease(lock) }
      try await SteadyTime().sleep(for: .milliseconds(5))
    }
    throw ClusterError(.system, "the lease \(folder.lease) is held by somebody else")
  }

  private static func spawn(
    _ folder: ClusterFolder, executable: String, agents: Int, authentication: Bool, orphanTimeout: Duration
  ) throws -> RunningProcess {
    var environment: [String: String] = [:]
    for name in TaskEnvironment.inheritedNames + ["STACK_DEPLOY_HELPERS", "USER", "XDG_STATE_HOME"] {
      if let value = getenv(name) { environment[name] = String(cString: value) }
    }
    var arguments = [
      "cluster", "--data-dir", folder.root, "--marathon", "127.0.0.1:0", "--agents", "\(agents)", "--orphan-timeout",
      "\(orphanTimeout.components.seconds)s",
    ]
    if !authentication { arguments.append("--no-auth") }
    return try ProcessReactor.shared.spawn(
      ProcessSpecification(
        executable: executable, arguments: arguments, environment: environment, workingDirectory: "/",
        output: .file(folder.log, append: true), error: .file(folder.log, append: true), newSession: true))
  }

  private static func logTail(_ folder: ClusterFolder) -> String {
    guard let bytes = try? Files.read(folder.log, limit: 4 << 20) else {
      return "Its log \(folder.log) cannot be read."
    }
    let lines = String(decoding: bytes, as: UTF8.self).split(separator: "\n").suffix(5)
    return lines.isEmpty
      ? "Its log \(folder.log) is empty." : "The end of its log \(folder.log):\n\(lines.joined(separator: "\n"))"
  }
}
