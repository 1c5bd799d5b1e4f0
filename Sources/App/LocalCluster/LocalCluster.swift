package import Concurrency
import Crypto
import Glibc
import HTTPClient
import HTTPServer
import HTTPTypes
import JSON
import Processes
import Telemetry

/// The embedded single-machine cluster: Marathon's API on simulated agents, tasks as real processes.
package enum LocalCluster {
  /// Runs a cluster until `stop` fires, or until its last server has been gone for `orphanTimeout`; then ends all tasks, with their grace, and
  /// returns when the last one is gone. Definitions stay: the next run on the same folder starts their tasks again.
  ///
  /// - Parameter ready: called once requests are answered.
  /// - Throws: `ClusterError`, `HTTPServerError`, `SQLiteError`: each says in a sentence what is wrong.
  package static func run(
    _ options: ClusterOptions, until stop: AsyncSignal, ready: (ClusterEndpoint) -> Void = { _ in }
  ) async throws {
    try options.check()
    let logger = Logger("cluster")
    let folder = ClusterFolder(options.dataDirectory)
    try Files.createFolder(folder.own)
    let lock = try await takeLock(folder)
    defer { withExtendedLifetime(lock) {} }
    if options.endsOrphans { try ProcessReactor.shared.becomeSubreaper() }

    let store = try await StateStore.open(folder.database)
    let identity = try await store.identity(makeUUID: SecureRandom.uuid)
    let stored = try await store.load()
    for row in stored.unreadable { logger.warning("a stored application cannot be read", ["what": row]) }

    let inherited = inheritedEnvironment()
    let client = HTTPClient()
    defer { client.shutdown() }
    let sandboxes = Sandboxes(folder, retention: options.keptSandboxes)
    let runner = TaskRunner(
      sandboxes: sandboxes, fetcher: ArtifactFetcher(client: client, environment: inherited), inherited: inherited,
      outputLimit: options.outputLimit)
    let cluster = Cluster(
      agents: Agent.simulated(
        count: options.agents, clusterId: identity, cpus: options.cpusPerAgent, mem: options.memPerAgent,
        ports: options.ports),
      frameworkId: "\(identity)-0000", makeUUID: SecureRandom.uuid, pick: { Int.random(in: 0..<$0) },
      isPortFree: TCPProbe.isFree)

    let credential = options.authentication ? try Credential.loadOrCreate(folder.credential) : nil
    if let credential { Telemetry.secrets.add(credential.password) }
    let face = Locked<ClusterServer?>(nil)
    let server = HTTPServer(
      HTTPServer.Configuration(
        addresses: [.tcp(host: options.host, port: options.port)], log: { logger.warning("\($0)") })
    ) { request in
      guard let face = face.withLock({ $0 }) else { return .text("starting\n", status: 503) }
      return await face.answer(request)
    }
    try server.start()
    let port = server.port
    // No task is given the port that the cluster itself listens on, and nobody is answered before the applications are back.
    let driver = ClusterDriver(
      cluster, restoring: stored, time: SteadyTime(), runner: runner,
      prober: Prober(client: client, sandboxes: sandboxes, inherited: inherited), store: store)
    face.withLock { face in
      face = ClusterServer(
        driver: driver, files: TaskFiles(sandboxes: sandboxes),
        gate: RequestGuard(credential: credential, host: options.host, port: port))
    }
    let record = ClusterRecord(
      url: "http://\(options.host):\(port)", pid: getpid(), startTicks: ClusterRecord.startTicks(of: getpid()) ?? "")
    try Files.replace(folder.record, with: record.json.bytes)
    lock.note("\(getpid())\n")
    logger.info(
      "cluster is up",
      ["url": record.url, "agents": options.agents, "applications": stored.current.count, "data": folder.root])
    ready(ClusterEndpoint(record: record, credential: credential, lease: nil))

    await withDiscardingTaskGroup { group in
      if let timeout = options.orphanTimeout {
        group.addTask { await LeaseWatch(folder: folder, timeout: timeout, logger: logger).run(stop) }
      }
      group.addTask {
        do { try await stop.wait() } catch { return }
        // From now on nobody shall come to rely on this cluster.
        Files.remove(folder.record)
      }
      await driver.run(until: stop)
      group.cancelAll()
    }
    Files.remove(folder.record)
    await server.stop(drainingFor: .seconds(1))
    await store.close()
    logger.info("cluster has ended")
  }

  /// One cluster per folder. A holder that has no record is just starting or ending, and is waited for.
  private static func takeLock(_ folder: ClusterFolder) async throws -> FolderLock {
    let time = SteadyTime()
    let deadline = time.now() + .seconds(15)
    while true {
      if let lock = try FolderLock.take(folder.lock, .exclusive) { return lock }
      if ClusterRecord.read(folder.record)?.isAlive == true || time.now() > deadline { break }
      try await time.sleep(for: .milliseconds(20))
    }
    let holder = (try? Files.read(folder.lock)).flatMap { $0 }.map { String(decoding: $0, as: UTF8.self) } ?? ""
    let pid = holder.split(separator: "\n").first.map(String.init) ?? "of unknown number"
    throw ClusterError.alreadyRunning(folder: folder.root, pid: pid)
  }

  private static func inheritedEnvironment() -> [String: String] {
    var environment = ["PATH": "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"]
    for name in TaskEnvironment.inheritedNames {
      if let value = getenv(name) { environment[name] = String(cString: value) }
    }
    return environment
  }
}
