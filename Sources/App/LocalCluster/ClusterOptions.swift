import Concurrency

/// What a cluster is started with.
package struct ClusterOptions: Sendable {
  /// Where everything is kept; made if it is missing.
  package var dataDirectory: String
  /// A loopback address: the cluster runs any command that it is asked to run.
  package var host: String
  /// 0 lets the system choose.
  package var port: Int
  /// How many agents are simulated, from 1 to 200.
  package var agents: Int
  /// What each of them gives out.
  package var cpusPerAgent: Double
  package var memPerAgent: Double
  /// Split among the agents.
  package var ports: ClosedRange<Int>
  /// Whether the credential in the data folder is asked for.
  package var authentication: Bool
  /// How long after the last server that needs it has gone the cluster ends by itself; `nil`: never.
  package var orphanTimeout: Duration?
  /// Sandboxes of finished tasks that are kept.
  package var keptSandboxes: Int
  /// Bytes that each of a task's `stdout` and `stderr` may have.
  package var outputLimit: Int
  /// Whether orphans of killed supervisors are ended: for a process that has no other children than the cluster's.
  package var endsOrphans: Bool

  package init(
    dataDirectory: String, host: String = "127.0.0.1", port: Int = 0, agents: Int = 3, cpusPerAgent: Double = 4,
    memPerAgent: Double = 4096, ports: ClosedRange<Int> = 31_000...31_999, authentication: Bool = true,
    orphanTimeout: Duration? = nil, keptSandboxes: Int = 100, outputLimit: Int = 16 << 20, endsOrphans: Bool = false
  ) {
    self.dataDirectory = dataDirectory
    self.host = host
    self.port = port
    self.agents = agents
    self.cpusPerAgent = cpusPerAgent
    self.memPerAgent = memPerAgent
    self.ports = ports
    self.authentication = authentication
    self.orphanTimeout = orphanTimeout
    self.keptSandboxes = keptSandboxes
    self.outputLimit = outputLimit
    self.endsOrphans = endsOrphans
  }

  func check() throws(ClusterError) {
    guard RequestGuard.isLoopback(host) || host == "localhost" else {
      throw ClusterError(
        .notLoopback,
        "the cluster runs any command that it is asked to run and so listens on loopback only: "
          + "\(host) is no address of 127.0.0.0/8")
    }
    guard (1...200).contains(agents) else {
      throw ClusterError(.badOption, "\(agents) agents cannot be simulated: choose 1 to 200")
    }
    guard ports.count >= agents, ports.lowerBound > 0, ports.upperBound < 65_536 else {
      throw ClusterError(
        .badOption, "the ports \(ports.lowerBound) to \(ports.upperBound) are not enough for \(agents) agents")
    }
  }
}
