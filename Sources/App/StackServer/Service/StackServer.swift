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
  /// Nil where it serves from the start.
  private let bootstrap: Bootstrap.Begun?
  /// Removed at the end; nil where the hooks' folder stays.
  private let temporaryFolder: String?

  static let logger = Logger("server")

  /// How long requests under way may take when the server stops: as long as the engine's effects.
  private static let drainTime = Duration.seconds(10)

  private init(
    _ configuration: ServerConfiguration, services: Services, endpoints: Endpoints, client: HTTPClient,
    bootstrap: Bootstrap.Begun?, temporaryFolder: String?
  ) {
    self.configuration = configuration
    self.services = services
    self.endpoints = endpoints
    self.client = client
    self.bootstrap = bootstrap
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

  /// Opens the store, reaches Marathon, takes the port, takes up what a former server left, and serves, or begins with the
  /// bootstrap stack. Runs are carried out by `run()`.
  /// - Parameter showAdminKey: shows the first administrator's key to whoever starts the server, at once.
  /// - Throws: `ServerStartError`, `BootstrapError`; nothing is left behind then. `CancellationError`.
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
    options.limits.replayCPU = configuration.scriptReplays
    options.lastingUser = Bootstrap.user
    let scripts = await scripts()
    let engine = Engine(
      store: store, cluster: decoration.cluster(cluster), hooks: decoration.hooks(hooks),
      scripts: decoration.scripts(executor(scripts)), services: ScriptRequests(), time: time, options: options)
    let services = Services(
      engine: engine, store: store,
      catalog: StackCatalog(
        store: store, time: time, isLasting: configuration.storage != .memory, scripts: scripts,
        library: configuration.scriptLibrary),
      users: UserDirectory(store: store, time: time), cluster: cluster, taskLogs: cluster.logs, hooks: hooks,
      metrics: metrics, time: time, startedAt: startedAt, defaults: configuration.defaults,
      isOpen: configuration.isOpen, gate: Gate(), clusterInfo: Locked(info),
      stackAnswers: AnswerCache(changes: store.stackChanges), userTable: store.userTable)
    let endpoints = endpoints(configuration, tls: tls, services, keys: decoration.keys)
    // Until the end: the endpoints hold the services, and these the metrics.
    metrics.countRequestsUnderWay { endpoints.requestsUnderWay }
    do {
      try await endpoints.start()
      if !configuration.isOpen {
        try await services.users.addFirstAdministrator { key in
          try handOut(key, configuration.adminKeyFile, showAdminKey)
        }
      }
      try await engine.start()
      let bootstrap = try await configuration.bootstrap.map { stack in
        Bootstrap(stack, services: services, existing: configuration.storage == .memory ? .adopt : .converge)
      }?.begin()
      let server = StackServer(
        configuration, services: services, endpoints: endpoints, client: client, bootstrap: bootstrap,
        temporaryFolder: temporaryFolder)
      if let bootstrap {
        services.gate.enter(.bootstrapping(bootstrap.run, "it begins"))
      } else {
        try server.serve()
      }
      return server
    } catch {
      await endpoints.stop()
      metrics.countRequestsUnderWay(nil)
      if let temporaryFolder { Folders.remove(temporaryFolder) }
      throw error is CancellationError || error is BootstrapError ? error : ServerStartError("\(error)")
    }
  }

  private func serve() throws {
    services.gate.enter(.serving)
    Self.logger.info("serves", ["url": urls.joined(separator: " "), "store": services.store.summary])
    guard case .folder(let folder) = configuration.storage else { return }
    try ServerRecord(url: url, urls: urls, pid: getpid(), started: services.startedAt).write(to: folder)
  }

  /// Carries out runs until the task is cancelled. Then: no new requests; callers that wait for a run are told its
  /// number; effects under way get their outcome; runs that are not over go on with the next server.
  /// - Throws: `BootstrapError` where the bootstrap stack could not be brought up; `ServerStartError`. The server has ended in
  ///   order then, too.
  package func run() async throws {
    let failure = await withTaskCancellationHandler {
      await withTaskGroup(of: (any Error)?.self) { group in
        group.addTask {
          await self.services.pulse.run(self.services.time)
          return nil
        }
        group.addTask {
          await self.services.engine.run()
          return nil
        }
        group.addTask { await self.bringUp() }
        var failure: (any Error)?
        for await end in group where end != nil {
          // All else ends with it.
          failure = end
          self.services.gate.enter(.stopping)
          group.cancelAll()
        }
        return failure
      }
    } onCancel: {
      services.gate.enter(.stopping)
    }
    // Unstructured, because this task may have been cancelled, and the end needs some time that a cancelled task does not
    // get.
    await Task { await self.end() }.value
    if let failure { throw failure }
  }

  /// Serves as soon as the bootstrap stack is up.
  /// - Returns: why that will never be.
  private func bringUp() async -> (any Error)? {
    guard let bootstrap else { return nil }
    Self.logger.info("listens; serves when the bootstrap stack is up", ["url": urls.joined(separator: " ")])
    do {
      guard try await services.hasBroughtUp(bootstrap) else { return nil }
      try serve()
      return nil
    } catch let error as BootstrapError {
      return error
    } catch {
      // The run goes on with the next server.
      return Task.isCancelled ? nil : ServerStartError("\(error)")
    }
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
