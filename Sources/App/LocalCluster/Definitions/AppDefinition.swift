package import Concurrency
import JSON

/// One application in one version, with every default filled in and all old forms of its fields turned into the new ones.
package struct AppDefinition: Sendable, Hashable {
  package struct VersionInfo: Sendable, Hashable {
    var lastScalingAt: Timestamp
    var lastConfigChangeAt: Timestamp
  }

  struct UpgradeStrategy: Sendable, Hashable {
    var minimumHealthCapacity = 1.0
    var maximumOverCapacity = 1.0
  }

  enum KillSelection: String, Sendable, Hashable, CaseIterable {
    case youngestFirst = "YOUNGEST_FIRST"
    case oldestFirst = "OLDEST_FIRST"
  }

  enum UnreachableStrategy: Sendable, Hashable {
    case disabled
    case after(inactiveSeconds: Int, expungeSeconds: Int)
  }

  package var id: String
  package var instances = 1
  var cmd: String?
  var args: [String] = []
  var user: String?
  var cpus = 1.0
  var mem = 128.0
  var disk = 0.0
  var gpus = 0
  var env = JSONObject()
  var labels = JSONObject()
  var executor = ""
  var constraints: [PlacementConstraint] = []
  var acceptedResourceRoles: [String]?
  var fetch: [FetchDefinition] = []
  var container: ContainerDefinition?
  var healthChecks: [HealthCheckDefinition] = []
  /// Kept and given back; this cluster runs none.
  var readinessChecks: [JSON] = []
  var networks: [NetworkDefinition] = [NetworkDefinition(mode: .host)]
  /// `nil` where the network is not the host's.
  var portDefinitions: [PortDefinition]? = [PortDefinition(name: "default")]
  var requirePorts = false
  var backoffSeconds = 1.0
  var backoffFactor = 1.15
  var maxLaunchDelaySeconds = 3600.0
  var taskKillGracePeriodSeconds: Double?
  var upgradeStrategy = UpgradeStrategy()
  var killSelection = KillSelection.youngestFirst
  var unreachableStrategy = UnreachableStrategy.after(inactiveSeconds: 0, expungeSeconds: 0)
  var dependencies: [String] = []
  var tty: Bool?
  package var version = Timestamp(millisecondsSinceEpoch: 0)
  /// Absent in the answer to a POST, as Marathon has it; filled in as soon as the version is stored.
  package var versionInfo: VersionInfo?

  init(id: String) { self.id = id }

  /// How long a task may take to end by itself after SIGTERM. Mesos' own default is 3 s.
  var killGracePeriod: Duration { .milliseconds(Int((taskKillGracePeriodSeconds ?? 3) * 1000)) }

  /// The service ports in order, one per port that a task gets.
  var servicePorts: [Int] {
    get { portMappings?.map(\.servicePort) ?? portDefinitions?.map(\.port) ?? [] }
    set {
      if container?.portMappings != nil {
        for (index, port) in newValue.enumerated() { container?.portMappings?[index].servicePort = port }
      } else {
        for (index, port) in newValue.enumerated() { portDefinitions?[index].port = port }
      }
    }
  }

  var portMappings: [PortMapping]? { container?.portMappings }
  var portNames: [String?] { portMappings?.map(\.name) ?? portDefinitions?.map(\.name) ?? [] }
  var portCount: Int { servicePorts.count }

  /// Equal but for version, which says when, not what.
  func isSame(as other: AppDefinition) -> Bool { unversioned == other.unversioned }

  /// The same but for the number of instances.
  func isScaling(of other: AppDefinition) -> Bool {
    var copy = unversioned
    copy.instances = other.instances
    return copy == other.unversioned
  }

  private var unversioned: AppDefinition {
    var copy = self
    copy.version = Timestamp(millisecondsSinceEpoch: 0)
    copy.versionInfo = nil
    return copy
  }
}
