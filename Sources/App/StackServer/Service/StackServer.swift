package import Concurrency
import Engine
import Glibc
import HTTPClient
import HTTPServer
import MarathonClient
import Processes
import Store
import StoreSQLite
import Telemetry

/// The server: store, engine, Marathon and the HTTP API, from their start to their orderly end.
package final class StackServer: Sendable {
  private let configuration: ServerConfiguration
  private let services: Services
  private let endpoints: Endpoints
  private let client: HTTPClient
  /// Removed at the end; nil where the hooks' folder stays.
  private let temporaryFolder: String?

  static let logger = Logger("server")

  /// How long requests under way may take when the server stops: as long as the engine's effects.
  private static let drainTime = Duration.seconds(10)

  private init(
    _ configuration: ServerConfiguration, services: Services, endpoints: Endpoints, client: HTTPClient,
    temporaryFolder: String?
  ) {
    self.configuration = configuration
    self.services = services
    self.endpoints = endpoints
    self.client = client
    self.temporaryFolder = temporaryFolder
  }

  /// Of the first TCP address; 0 if there is none.
  package var port: Int { endpoints.port }

  /// How each address is called: `http://host:port`, `https:`, or `unix:/path`.
  package var urls: [String] { endpoints.urls }

  /// The first of them, TCP before Unix sockets.
  package var url: String { endpoints.urls.first ?? "" }

  /// Every route and who may call it.
  package var routeRules: [RouteRule] {
    services.routes.map { RouteRule(method: $0.method, template: $0.template, access: $0.access) }
  }

  /// Opens the store, reaches Marathon, takes the port, takes up what a former server left, and serves. Runs are carried
  /// out by `run()`.
  /// - Parameter showAdminKey: shows the first administrator's key to whoever starts the server, at once.
  /// - Throws: `ServerStartError`; nothing is left behind then. `CancellationError`.
  package static func start(
    _ configuration: ServerConfiguration, time: any TimeSource = SystemTime(),
    decoration: PortDecoration = PortDecoration(), showAdminKey: @Sendable (String) throws -> Void
  ) async throws -> StackServer {
    let tls = try configuration.tls?.load { logger.warning($0) }
    let store = try await openStore(configuration.storage)
    let client = HTTPClient()
    do {
      return try await start(
        configuration, tls: tls, store: store, client: client, time: time, decoration: decoration,
        showAdminKey: showAdminKey)
    } catch {
      await store.close()
      client.shutdown()
      throw error
    }
  }

  private static func start(
    _ configuration: ServerConfiguration, tls: TLSIdentity?, store base: any Store, client: HTTPClient,
    time: any TimeSource, decoration: PortDecoration, showAdminKey: (String) throws -> Void
  ) async throws -> StackServer {
    let startedAt = time.now()
    let metrics = ServerMetrics(startedAt: startedAt, time: time)
    let store = MeteredStore(base: decoration.store(base), metrics: metrics)
    let cluster = try cluster(configuration, client: client, metrics: metrics)
    let info = try await reach(cluster, configuration, time: time)

    let (hooksFolder, temporaryFolder) = try hooksFolder(configuration)
    let hooks = DetachedHooks(
      root: hooksFolder, environment: configuration.hookEnvironment,
      user: try configuration.hookUser.map { name throws(ServerStartError) in try HookUser(name) })
    var options = EngineOptions()
    options.globalVariables = configuration.globalVariables
    options.clusterRequestLimit = configuration.marathonRequests
    options.timing = configuration.pace
    options.grants = configuration.grants
    let engine = Engine(
      store: store, cluster: decoration.cluster(cluster), hooks: decoration.hooks(hooks),
      scripts: decoration.scripts(await scripts()), services: ScriptRequests(), time: time, options: options)
    let services = Services(
      engine: engine, store: store,
      catalog: StackCatalog(store: store, time: time, isLasting: configuration.storage != .memory),
      users: UserDirectory(store: store, time: time), cluster: cluster, taskLogs: cluster.logs, hooks: hooks,
      metrics: metrics, time: time, startedAt: startedAt, defaults: configuration.defaults,
      isOpen: configuration.isOpen, gate: Gate(), clusterInfo: Locked(info),
      stackAnswers: AnswerCache(changes: store.stackChanges), userTable: store.userTable)
    let endpoints = endpoints(configuration, tls: tls, services)
    // Until the end: the endpoints hold the services, and these the metrics.
    metrics.countRequestsUnderWay { endpoints.requestsUnderWay }
    let server = StackServer(
      configuration, services: services, endpoints: endpoints, client: client, temporaryFolder: temporaryFolder)
    do {
      try await endpoints.start()
      if !configuration.isOpen {
        try await services.users.addFirstAdministrator { key in
          try handOut(key, configuration.adminKeyFile, showAdminKey)
        }
      }
      try await engine.start()
      services.gate.enter(.serving)
      try server.announce()
      return server
    } catch {
      await endpoints.stop()
      metrics.countRequestsUnderWay(nil)
      if let temporaryFolder { Folders.remove(temporaryFolder) }
      throw error is CancellationError ? error : ServerStartError("\(error)")
    }
  }

  private func announce() throws {
    guard case .folder(let folder) = configuration.storage else { return }
    try ServerRecord(url: url, urls: urls, pid: getpid(), started: services.startedAt).write(to: folder)
  }

  /// Carries out runs until the task is cancelled. Then: no new requests; callers that wait for a run are told its
  /// number; effects under way get their outcome; runs that are not over go on with the next server.
  package func run() async {
    Self.logger.info("serves", ["url": urls.joined(separator: " "), "store": services.store.summary])
    await withTaskCancellationHandler {
      await withDiscardingTaskGroup { group in
        group.addTask { await self.services.pulse.run(self.services.time) }
        await services.engine.run()
        group.cancelAll()
      }
    } onCancel: {
      services.gate.enter(.stopping)
    }
    // Unstructured, because this task has been cancelled, and the end needs some time that a cancelled task does not get.
    await Task { await self.end() }.value
  }

  private func end() async {
    await endpoints.stop(drainingFor: Self.drainTime)
    services.metrics.countRequestsUnderWay(nil)
    if case .folder(let folder) = configuration.storage { unlink(ServerRecord.path(in: folder)) }
    client.shutdown()
    await services.store.close()
    if let temporaryFolder { Folders.remove(temporaryFolder) }
    Self.logger.info("has stopped; runs that are not over go on when it is started again")
  }
}
