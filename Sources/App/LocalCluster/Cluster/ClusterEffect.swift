package import Concurrency
package import JSON

/// What the driver has to do, in this order, for what the cluster has decided.
package enum ClusterEffect: Sendable {
  case publish(ClusterNotice)
  case launch(TaskLaunch)
  /// End the task: SIGTERM, then SIGKILL after `grace`.
  case kill(taskId: String, grace: Duration)
  case schedule(ClusterTimer, at: Timestamp)
  case probe(HealthProbe)
  case store(StateChange)
}

/// A moment the cluster wants to be told of. One that has become pointless does no harm.
package enum ClusterTimer: Sendable, Hashable {
  /// An application's launch delay is over.
  case launch(appId: String)
  case healthCheck(taskId: String, index: Int)
}

/// What happened outside.
package enum ClusterEvent: Sendable {
  case taskStarting(taskId: String)
  case taskRunning(taskId: String)
  case taskEnded(taskId: String, TaskEnd)
  case timer(ClusterTimer)
  case probed(taskId: String, index: Int, ProbeResult)
}

/// How a task's process ended.
package struct TaskEnd: Sendable, Hashable {
  package enum Outcome: Sendable, Hashable {
    case exited(Int32)
    case signalled(String)
    /// It never ran; with the reason.
    case notStarted(String)
  }

  package var outcome: Outcome

  package init(_ outcome: Outcome) { self.outcome = outcome }

  /// As Mesos words it.
  var message: String {
    switch outcome {
    case .exited(let code): "Command exited with status \(code)"
    case .signalled(let name): "Command terminated with signal \(name)"
    case .notStarted(let reason): reason
    }
  }

  var isSuccess: Bool { outcome == .exited(0) }
}

/// One check that is due.
package struct HealthProbe: Sendable {
  package let taskId: String
  package let index: Int
  package let check: HealthCheckDefinition
  package let host: String
  /// `nil` where the check has no port.
  package let port: Int?
}

/// A task to be started on an agent.
package struct TaskLaunch: Sendable {
  package let taskId: String
  package let app: AppDefinition
  package let agent: Agent
  package let ports: [Int]
}

/// What must outlive the cluster's process.
package enum StateChange: Sendable {
  case saved(AppDefinition)
  case removed(appId: String)
}

/// One event for `/v2/events`.
package struct ClusterNotice: Sendable {
  package let type: String
  /// As asked for with `plan-format=light`.
  package let light: JSON
  /// The plan that the event speaks of: events of Marathon 1.6 carry the groups before and after it.
  let plan: DeploymentPlan?

  /// The event's JSON, with the groups in its plan unless `light` is asked for.
  package func data(light isLight: Bool) -> JSON {
    guard !isLight, let plan, var object = light.objectValue else { return light }
    object["plan"] = [
      "id": .string(plan.id), "original": GroupTree.json(plan.original, version: plan.originalVersion),
      "target": GroupTree.json(plan.target, version: plan.version), "steps": plan.stepsJSON,
      "version": .string(plan.version.description),
    ]
    return .object(object)
  }
}
