import Concurrency
import Engine
import Glibc
import HTTPClient
import HTTPServer
import HTTPTypes
import MarathonClient
import ScriptHost
import Store
import StoreSQLite
import Telemetry

extension StackServer {
  static func openStore(_ storage: ServerConfiguration.Storage) async throws -> any Store {
    let store: any Store
    switch storage {
    case .memory: store = MemoryStore()
    case .folder(let folder):
      do {
        store = try await SQLiteStore.open(folder: folder)
      } catch {
        throw ServerStartError(error.description)
      }
    }
    logger.info(
      "opened the store; --data-dir takes another folder, --dev keeps nothing", ["store": store.summary])
    return store
  }

  static func cluster(
    _ configuration: ServerConfiguration, client: HTTPClient, metrics: ServerMetrics
  ) throws -> MarathonCluster {
    do {
      let marathon = try MarathonClient(
        endpoints: configuration.marathon, credentials: configuration.marathonCredentials, httpClient: client,
        limit: configuration.marathonRequests)
      let credentials = configuration.marathonCredentials ?? marathon.configuration.endpoints.credentials
      if let credentials { Telemetry.secrets.add(credentials.password) }
      return MarathonCluster(
        client: marathon,
        master: MesosMaster(
          http: client, address: configuration.master, authorization: configuration.masterCredentials ?? credentials),
        logs: TaskLogs(http: client, url: configuration.embeddedCluster, authorization: credentials),
        metrics: metrics)
    } catch {
      throw ServerStartError("\(error)")
    }
  }

  /// Asks Marathon who it is, as often as configured, so that a wrong address shows at the start.
  static func reach(
    _ cluster: MarathonCluster, _ configuration: ServerConfiguration, time: any TimeSource
  ) async throws -> ClusterInfo {
    let attempts = max(1, configuration.connectRetries)
    for attempt in 1...attempts {
      do {
        return try await info(of: cluster, within: configuration.connectTimeout, time: time)
      } catch {
        try Task.checkCancellation()
        let isHopeless = error.code == .unauthorized
        if isHopeless || attempt == attempts {
          let tries = attempt == 1 ? "" : " (tried \(attempt) times)"
          throw ServerStartError(
            "cannot reach Marathon at \(configuration.marathon.joined(separator: ","))\(tries): \(error.message). "
              + "Start it, or name the right one with --marathon; --local runs a cluster on this machine")
        }
        logger.warning(
          "Marathon does not answer; will try again",
          ["attempt": "\(attempt) of \(attempts)", "pause": "\(configuration.connectBackoff)", "error": error.message])
      }
      try await time.sleep(for: configuration.connectBackoff)
    }
    preconditionFailure("the last attempt returns or throws")
  }

  private static func info(
    of cluster: MarathonCluster, within limit: Duration, time: any TimeSource
  ) async throws(ClusterError) -> ClusterInfo {
    let answer = await withTaskGroup(of: Result<ClusterInfo, ClusterError>.self) { group in
      group.addTask {
        do throws(ClusterError) {
          return .success(try await cluster.info())
        } catch {
          return .failure(error)
        }
      }
      group.addTask {
        try? await time.sleep(for: limit)
        return .failure(ClusterError(.unavailable, "no answer within \(limit)"))
      }
      defer { group.cancelAll() }
      return await group.next()
    }
    guard let answer else { throw ClusterError(.cancelled, "cancelled") }
    return try answer.get()
  }

  /// What runs Lua; where the helper program is missing, another one or an old one, each hook and each stack that is Lua fails with that
  /// sentence. Stacks without Lua go on, so it is no reason not to start.
  static func scripts() async -> Result<ScriptHost, ScriptFailure> {
    do throws(ScriptFailure) {
      return .success(try await ScriptHost.open())
    } catch {
      logger.warning("Lua cannot run", ["reason": "\(error)"])
      return .failure(error)
    }
  }

  static func executor(_ scripts: Result<ScriptHost, ScriptFailure>) -> any ScriptExecutor {
    switch scripts {
    case .success(let host): host
    case .failure(let failure): NoScripts(failure)
    }
  }

  /// Where hooks have their folders: beside the store, or in a folder that ends with the server.
  static func hooksFolder(
    _ configuration: ServerConfiguration
  ) throws -> (folder: String, temporary: String?) {
    if case .folder(let folder) = configuration.storage { return ("\(folder)/hooks", nil) }
    let base = getenv("TMPDIR").map { String(cString: $0) } ?? "/tmp"
    var template = Array("\(base)/stack-deploy-XXXXXX".utf8CString)
    guard mkdtemp(&template) != nil else {
      throw ServerStartError("cannot make a folder for hooks in \(base): \(String(cString: strerror(errno)))")
    }
    let path = String(decoding: template.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
    return (path, path)
  }

  static func endpoints(
    _ configuration: ServerConfiguration, tls: TLSIdentity?, _ services: Services, keys: KeyCheck
  ) -> Endpoints {
    let logger = Logger("http")
    let router = Router(
      routes: services.routes,
      authenticator: Authenticator(
        store: services.store, isOpen: services.isOpen, keys: keys, table: services.userTable, time: services.time),
      origin: OriginCheck(ownNames: services.isOpen ? configuration.ownNames : nil),
      gate: services.gate, metrics: services.metrics)
    let limits = configuration.httpLimits
    return Endpoints(configuration.addresses, tls: tls, immediate: router.answerAtOnce, handler: router.respond) {
      addresses in
      HTTPServer.Configuration(
        addresses: addresses, connectionLimit: limits.connections, connectionLimitPerPeer: limits.connectionsPerPeer,
        headerTimeout: limits.headerTime, idleTimeout: limits.idleTime, bodyTimeout: limits.bodyTime,
        writeTimeout: limits.writeTime, log: { line in logger.debug(line) }, warn: { line in logger.warning(line) })
    }
  }

  /// Hands the first administrator's key out, so that it has been seen before it is worth anything.
  static func handOut(_ key: String, _ file: String?, _ show: (String) throws -> Void) throws {
    Telemetry.secrets.add(key)
    guard let file else {
      try show(key)
      return
    }
    do {
      try Folders.refuseOtherThanFile(file)
      try Folders.write(Array((key + "\n").utf8), to: file)
    } catch {
      throw ServerStartError("cannot write the admin's key: \(error)")
    }
    logger.info("wrote the key of the first user, admin", ["file": file])
  }
}
