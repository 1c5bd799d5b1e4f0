import Concurrency
import StackModel
import Store

extension RunStateMachine {
  var status: RunStatus {
    RunStatus(
      id: id, kind: plan.kind, stack: plan.stack.name, revision: plan.revision, zone: plan.zone, state: state,
      createdAt: createdAt, createdBy: plan.user, startedAt: startedAt, endedAt: endedAt,
      failure: failure ?? (state.isFinal ? nil : firstFailure), waiting: waiting,
      isCancelling: cancelledBy != nil && !state.isFinal, applications: walks.filter { $0.caller == nil }.map(status),
      variables: variables,
      sequence: sequence)
  }

  private func status(of walk: ApplicationWalk) -> ApplicationStatus {
    var waiting = walk.waiting
    if walk.state == .pending, !state.isFinal {
      let unmet = unmetDependencies(of: walk)
      if !unmet.isEmpty {
        waiting = WaitingReason(step: nil, since: startedAt ?? createdAt, until: nil, cause: .dependencies(unmet))
      }
    } else if walk.state == .blocked, let failure = walk.failure {
      waiting = WaitingReason(
        step: walk.step?.name, since: walk.stepSince ?? createdAt, until: nil, cause: .decision(failure.reason))
    }
    var instances: ApplicationStatus.Instances?
    if walk.operation == .deploy, let live = walk.live {
      instances = .init(
        wanted: live.instances, running: live.tasksRunning, healthy: live.hasHealthChecks ? live.tasksHealthy : nil)
    }
    return ApplicationStatus(
      id: walk.id, operation: walk.operation, state: walk.state,
      step: walk.startedAt == nil ? nil : (walk.step ?? walk.steps.last)?.name, stepSince: walk.stepSince,
      waiting: waiting, failure: walk.failure, change: walk.change, startedAt: walk.startedAt, endedAt: walk.endedAt,
      dependencies: walk.dependencies, steps: walk.steps.map(\.name), instances: instances, endpoint: walk.endpoint)
  }
}
