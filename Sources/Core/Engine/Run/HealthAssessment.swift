import Concurrency
import StackModel

/// Whether an application is what its run waits for, and if not, why not.
enum HealthAssessment: Sendable, Hashable {
  case healthy
  case waiting(WaitingReason.Cause)

  /// - Parameters:
  ///   - deployment: the deployment that the run started; `nil` where it did not, or does not know it any more.
  ///   - change: what the run did.
  ///   - enough: so many healthy instances will do, whatever the rule and the deployment say.
  init(
    live: LiveApplication?, queue: QueueStatus?, deployment: String?, change: ApplicationStatus.Change?,
    rule: RunRequest.Healthy, enough: Int? = nil
  ) {
    guard let live else {
      self = .waiting(.starting("the cluster does not show the application"))
      return
    }
    if let enough {
      if min(live.tasksRunning, live.hasHealthChecks ? live.tasksHealthy : live.tasksRunning) >= enough {
        self = .healthy
      } else {
        self = .waiting(Self.cause(live, queue, isDeployed: true))
      }
      return
    }
    let isDeployed = deployment.map { !live.deployments.contains($0) } ?? live.deployments.isEmpty
    switch rule {
    case .all:
      let healthy = live.hasHealthChecks ? live.tasksHealthy : live.tasksRunning
      if isDeployed, live.tasksRunning >= live.instances, healthy >= live.instances {
        self = .healthy
        return
      }
    case .any:
      // The tasks of the former definition do not count after an update.
      let isNew = change != .updated || isDeployed || live.tasks.contains { $0.version == live.version }
      if live.tasksRunning > 0, !live.hasHealthChecks || live.tasksHealthy > 0, isNew {
        self = .healthy
        return
      }
    }
    self = .waiting(Self.cause(live, queue, isDeployed: isDeployed))
  }

  /// The most telling of what may keep the application from being healthy.
  private static func cause(
    _ live: LiveApplication, _ queue: QueueStatus?, isDeployed: Bool
  ) -> WaitingReason.Cause {
    let sick = live.tasks.filter { task in task.health.contains { !$0.isAlive } }
    if let first = sick.first {
      let answer = first.health.first { !$0.isAlive }?.lastFailureCause
      let text =
        "\(sick.count) of \(live.instances) \(plural(live.instances)) \(sick.count == 1 ? "fails" : "fail") the health check"
      return .healthCheck(answer.map { "\(text): \($0)" } ?? text)
    }
    if live.tasksRunning < live.instances, let failure = live.lastTaskFailure,
      failure.version == nil || failure.version == live.version
    {
      var text = "its last task ended: \(failure.message) (\(failure.state) on \(failure.host))"
      if let delay = queue?.delay, delay > .zero { text += "; the next starts in \(delay.forPeople)" }
      return .crashing(text)
    }
    if let queue, queue.waiting > 0 {
      if !queue.reasons.isEmpty { return .offers(queue.reasons) }
      if let delay = queue.delay, delay > .zero {
        return .backoff("the cluster waits \(delay.forPeople) before it starts the next task")
      }
    }
    let counts =
      "\(live.tasksRunning) of \(live.instances) \(plural(live.instances)) \(live.tasksRunning == 1 ? "runs" : "run")"
    if live.tasksRunning >= live.instances, live.hasHealthChecks, live.tasksHealthy < live.instances {
      return .starting(
        "\(live.tasksHealthy) of \(live.instances) \(plural(live.instances)) healthy; waits for the health check")
    }
    if live.tasksRunning >= live.instances, !isDeployed {
      return .starting("\(counts); the deployment is not over yet")
    }
    if live.tasks.count <= live.tasksRunning, live.tasksRunning < live.instances {
      return .starting("\(counts); waits for an offer")
    }
    return .starting(counts)
  }

  private static func plural(_ count: Int) -> String { count == 1 ? "instance" : "instances" }
}

extension Duration {
  /// `10m`, `1m5s`, `3s`, `250ms`: at most two units.
  var forPeople: String {
    let milliseconds = wholeMilliseconds
    if milliseconds < 1_000 { return "\(milliseconds)ms" }
    let seconds = milliseconds / 1_000
    let (hours, minutes, rest) = (seconds / 3_600, seconds / 60 % 60, seconds % 60)
    if hours > 0 { return minutes > 0 ? "\(hours)h\(minutes)m" : "\(hours)h" }
    if minutes > 0 { return rest > 0 ? "\(minutes)m\(rest)s" : "\(minutes)m" }
    return "\(rest)s"
  }
}
