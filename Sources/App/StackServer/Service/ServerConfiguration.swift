package import Engine
package import HTTPServer
package import HTTPTypes
package import ScriptHost
package import StackModel

/// How a server is to be started.
package struct ServerConfiguration: Sendable {
  package enum Storage: Sendable, Hashable {
    /// SQLite in a folder.
    case folder(String)
    /// Nothing is kept: `--dev`.
    case memory
  }

  /// Where the API listens.
  package var addresses: [ListeningAddress]
  /// Nil: HTTP without TLS.
  package var tls: TLSFiles?
  package var httpLimits: HTTPLimits
  package var storage: Storage
  /// The file that takes the first administrator's key in place of standard output.
  package var adminKeyFile: String?
  /// No users: every check of a key passes.
  package var isOpen: Bool
  /// Names under which an open server may be called, besides addresses and `localhost`.
  package var hostNames: Set<String>

  /// Addresses of Marathon, as `--marathon` takes them.
  package var marathon: [String]
  package var marathonCredentials: BasicAuthorization?
  /// Requests to Marathon at once.
  package var marathonRequests: Int
  /// CPU time that the scripts of one run may use for being run again.
  package var scriptReplays: Duration = .seconds(60)
  /// What every stack with scripts can require, beside its own files.
  package var scriptLibrary: [ScriptModule] = []
  /// Mesos's master.
  package var master: String
  /// Nil: as Marathon's.
  package var masterCredentials: BasicAuthorization?
  /// The embedded cluster, which shows the logs of its tasks; nil for another cluster.
  package var embeddedCluster: String?
  /// How often Marathon is asked at the start, and how long between.
  package var connectRetries: Int
  package var connectBackoff: Duration
  /// How long Marathon may take to answer then: something may listen at its address that never does.
  package var connectTimeout: Duration

  /// `--var`.
  package var globalVariables: OrderedMap<String>
  /// Runs before the server serves.
  package var bootstrap: BootstrapStack?
  package var defaults: RunDefaults
  /// The pace of runs. Right but for tests.
  package var pace = EngineOptions.Timing()
  /// The environment of shell hooks.
  package var hookEnvironment: [String: String]
  /// Who runs them; nil: the server's user.
  package var hookUser: String?
  /// What scripts may call at most, and whether there are shell hooks.
  package var grants = ServerGrants.standard

  package init(
    addresses: [ListeningAddress], storage: Storage, marathon: [String], master: String,
    hookEnvironment: [String: String]
  ) {
    self.addresses = addresses
    self.storage = storage
    self.marathon = marathon
    self.master = master
    self.hookEnvironment = hookEnvironment
    tls = nil
    httpLimits = HTTPLimits()
    adminKeyFile = nil
    isOpen = storage == .memory
    hostNames = []
    marathonCredentials = nil
    marathonRequests = 32
    masterCredentials = nil
    embeddedCluster = nil
    connectRetries = 10
    connectBackoff = .seconds(10)
    connectTimeout = .seconds(10)
    globalVariables = [:]
    defaults = RunDefaults()
  }
}

extension ServerConfiguration {
  /// Names under which a server that asks for no keys may be called.
  var ownNames: Set<String> {
    var names = hostNames
    for case .tcp(let host, _) in addresses { names.insert(host.lowercased()) }
    return names
  }
}

/// Why a server cannot start: a sentence for people.
package struct ServerStartError: Error, Sendable, Hashable, CustomStringConvertible {
  package let description: String

  init(_ description: String) {
    self.description = description
  }
}
