import Concurrency
import JSON
import StackModel
import Store

/// The steps that wait for the cluster: `healthy` and `gone`.
extension RunStateMachine {
  mutating func performWait(_ place: Int, _ reference: StepReference, at now: Timestamp) {
    if walks[place].stage == .fresh { record(.began(reference, until: now + patience(place)), at: now) }
    let isRemoval = reference.step == .gone
    let token = walks[place].start(.reading)
    actions.append(
      .observe(
        ObservationOrder(
          application: walks[place].id, clusterID: walks[place].clusterID, token: token, wantsQueue: !isRemoval,
          wantsDeployments: isRemoval)))
  }

  mutating func judge(_ place: Int, _ reference: StepReference, _ seen: Observation, at now: Timestamp) {
    walks[place].activity = .idle
    switch reference.step {
    case .healthy: judgeHealth(place, seen, at: now)
    case .gone: judgeAbsence(place, seen, at: now)
    case .variables: fill(place, at: now)
    case .hook(let hook, _, let part):
      guard case .lua(let script) = hookPart(walks[place], hook, part) else { return }
      beginScript(place, reference, script, at: now)
    case .launch, .task, .destroy, .run: break
    }
  }

  /// How long the step may take.
  private func patience(_ place: Int) -> Duration {
    let timeout = walks[place].arguments?["options"]?["timeout"]?.stringValue.flatMap { try? GoDuration.parse($0) }
    return timeout ?? plan.maxWait
  }

  private mutating func judgeHealth(_ place: Int, _ seen: Observation, at now: Timestamp) {
    let assessment = HealthAssessment(
      live: seen.live, queue: seen.queue, deployment: walks[place].deployment, change: walks[place].change,
      rule: plan.healthy, enough: walks[place].arguments?["options"]?["instances"]?.intValue)
    switch assessment {
    case .healthy:
      var success = JournalEntry.Success()
      success.endpoint = seen.live?.firstEndpoint
      success.instances = seen.live.map { .init($0) }
      succeed(place, success, at: now)
    case .waiting(let cause):
      guard isLate(place, at: now) else {
        rest(place, cause, for: pollPause(place), at: now)
        return
      }
      setWaiting(place, cause, at: now)
      let text = walks[place].waiting?.sentence ?? "not healthy"
      let failure = failure(
        place, "not healthy after \(patience(place).forPeople): \(text)",
        originalText:
          "Failed to await until the task is running and healthy within \(plan.maxWait.components.seconds) retries",
        cause: .timeout)
      failWithLog(place, failure, at: now)
    }
  }

  private mutating func judgeAbsence(_ place: Int, _ seen: Observation, at now: Timestamp) {
    // Which deployment removes it is not known where the removal was found to have happened.
    let walk = walks[place]
    let isOver = !(seen.deployments ?? []).contains {
      $0.id == walk.deployment || $0.applications.contains(walk.clusterID)
    }
    // Where there was nothing to remove, what is there now is somebody else's.
    if seen.live == nil || walk.change == .absent, isOver {
      let token = walks[place].start(.disowning)
      actions.append(.disown(application: walks[place].id, clusterID: walks[place].clusterID, token: token))
      return
    }
    if seen.live != nil, seen.live?.deployments.isEmpty ?? true, isOver, isLate(place, at: now) {
      fail(place, failure(place, "still on the cluster after \(plan.maxWait.forPeople)", cause: .timeout), at: now)
      return
    }
    let text = seen.live.map { "\($0.tasks.count) of its tasks still run" } ?? "its last tasks are being ended"
    if isLate(place, at: now) {
      fail(place, failure(place, "not gone after \(plan.maxWait.forPeople): \(text)", cause: .timeout), at: now)
    } else {
      rest(place, .stopping(text), for: pollPause(place), at: now)
    }
  }

  mutating func disowned(_ place: Int, _ result: Result<Void, ClusterError>, at now: Timestamp) {
    guard walks[place].activity == .disowning else { return }
    walks[place].activity = .idle
    switch result {
    case .success:
      succeed(place, .init(), at: now)
    case .failure(let error):
      guard phase == .walking, !isStopping else { return }
      // What is left to do is the server's own: it waits for its store however long that takes.
      setWaiting(place, .init(error), at: now)
      walks[place].tries += 1
      walks[place].activity = .resting(until: now + retryPause(place))
    }
  }

  // MARK: Failing with a log

  /// Fails the application, with the end of its last task's standard error where there is one.
  private mutating func failWithLog(_ place: Int, _ failure: RunFailure, at now: Timestamp) {
    guard let task = walks[place].live?.taskToBlame(application: walks[place].clusterID) else {
      fail(place, failure, at: now)
      return
    }
    let token = walks[place].start(.failing(failure))
    actions.append(.fetchLog(application: walks[place].id, token: token, task))
  }

  mutating func logFetched(_ place: Int, _ text: String?, at now: Timestamp) {
    guard case .failing(var failure) = walks[place].activity else { return }
    walks[place].activity = .idle
    if let text, !text.isEmpty { failure.logTail = text }
    fail(place, failure, at: now)
  }
}

extension LiveApplication {
  /// `http://host:port` of the first task with a port.
  var firstEndpoint: String? {
    guard let task = tasks.first, let port = task.ports.first else { return nil }
    return "http://\(task.host):\(port)"
  }

  /// The task whose log shows why the application is not healthy.
  fileprivate func taskToBlame(application: String) -> TaskReference? {
    if let sick = tasks.first(where: { $0.health.contains { !$0.isAlive } }) {
      return TaskReference(application: application, task: sick.id, host: sick.host, agent: sick.agent)
    }
    if let failure = lastTaskFailure {
      return TaskReference(application: application, task: failure.task, host: failure.host, agent: failure.agent)
    }
    return tasks.first.map { TaskReference(application: application, task: $0.id, host: $0.host, agent: $0.agent) }
  }
}
