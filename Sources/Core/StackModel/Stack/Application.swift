/// One application of a stack, field by field as the YAML has it.
///
/// A field that the author left out has its empty value (`""`, `nil`, no entries). What the author set to an explicit
/// `null` stands in `unset` as well: when this application is merged over a parent's, such a field becomes empty.
package struct Application: Sendable, Hashable {
  package var type = ""
  package var id = ""
  package var version = ""
  /// Shares of a CPU; 0 where not given.
  package var cpu = 0.0
  /// MiB; 0 where not given.
  package var mem = 0.0
  package var ports: [Int] = []
  /// `""` (one), a number, or `all` (one on each matching agent).
  package var instances = ""
  /// Each as written, such as `[hostname, UNIQUE]`; parsed by `Constraint`.
  package var constraints: [[String]] = []
  package var user = ""
  package var healthcheck: HealthCheck?
  package var launchCommand = ""
  package var args: [String] = []
  package var env: OrderedMap<String> = [:]
  package var artifactURLs: [String] = []
  package var additionalArtifacts: [String] = []
  /// Flags appended to the launch command, in the order of the file.
  package var scheduler: OrderedMap<String> = [:]
  /// In the order of the file, in which they also run.
  package var tasks: [ApplicationTask] = []
  /// Ids of applications of the same stack that must be done before this one starts.
  package var dependencies: [String] = []
  package var docker: Docker?
  package var startTime = ""
  package var timeSchedule = ""
  package var hooks = Hooks()
  /// List fields that were written as an empty list, which Marathon tells from saying nothing: `ports: []` takes no
  /// port. Of no account in a merge, where an empty list does not replace the parent's.
  package var emptyLists: Set<ApplicationField> = []
  /// Fields that were set to an explicit `null`.
  package var unset: Set<ApplicationField> = []
  /// The application itself was written as `null`. Merged over a parent's, it removes that one; alone it cannot run.
  package var isNull = false

  package init() {}
}

/// How an application's health is told.
package enum HealthCheck: Sendable, Hashable {
  /// The original's form: a path asked for over HTTP on the first port, with the original's timings.
  case path(String)
  case check(HealthCheckDefinition)
}

/// Our own form of a health check. Durations are `nil` where the author said nothing.
package struct HealthCheckDefinition: Sendable, Hashable {
  package enum Probe: String, Sendable, Hashable, CaseIterable {
    case http = "HTTP"
    case tcp = "TCP"
    case command = "COMMAND"
  }

  package var probe: Probe
  /// HTTP only; `/` where not given.
  package var path: String?
  /// COMMAND only.
  package var command: String?
  /// Index into the application's ports; 0 where not given.
  package var port: Int?
  package var interval: Duration?
  package var timeout: Duration?
  /// How long failures after a start are not counted.
  package var grace: Duration?
  /// Consecutive failures after which the task is killed; 0 for never.
  package var failures: Int?

  package init(
    probe: Probe, path: String? = nil, command: String? = nil, port: Int? = nil, interval: Duration? = nil,
    timeout: Duration? = nil, grace: Duration? = nil, failures: Int? = nil
  ) {
    self.probe = probe
    self.path = path
    self.command = command
    self.port = port
    self.interval = interval
    self.timeout = timeout
    self.grace = grace
    self.failures = failures
  }
}

/// The container of an application that runs an image.
package struct Docker: Sendable, Hashable {
  package var forcePullImage = false
  package var image = ""
  package var network = ""
  package var parameters: OrderedMap<String> = [:]
  package var portMappings: [PortMapping] = []
  package var privileged = false
  package var volumes: [Volume] = []

  package init() {}

  package struct PortMapping: Sendable, Hashable {
    package var containerPort = 0
    package var hostPort = 0
    package var servicePort = 0
    package var `protocol` = ""

    package init() {}
  }

  package struct Volume: Sendable, Hashable {
    package var containerPath = ""
    package var hostPath = ""
    package var mode = ""

    package init() {}
  }
}
