import Concurrency
import StackModel
import Store

extension RunStateMachine {
  var status: RunStatus {
    RunStatus(
      id: id, kind: plan.kind, stack: plan.stack.name, revision: plan.revision, zone: plan.zone, state: state,
      createdAt: createdAt, createdBy: plan.user, startedAt: startedAt, endedAt: endedAt,
      failure: failure ?? (state.isFinal ? nil : firstFailure), waiting: waiting,
      isCancelling: cancelledBy != nil && !state.isFinal, applications: applications,
      variables: variables,
      sequence: sequence)
  }

  /// In one pass over the walks.
  private var applications: [ApplicationStatus] {
    var applications: [ApplicationStatus] = []
    var called = CalledApplications()
    for place in walks.indices {
      if let caller = walks[place].caller {
        called.add(walks[place], of: caller, at: place)
      } else {
        applications.append(status(of: walks[place]))
      }
    }
    guard !called.isEmpty else { return applications }
    for index in applications.indices { applications[index].called = called[applications[index].id].map(status) }
    return applications
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
    let live = walk.operation == .deploy ? walk.live : nil
    return ApplicationStatus(
      id: walk.id, operation: walk.operation, state: walk.state,
      step: walk.startedAt == nil ? nil : (walk.step ?? walk.steps.last)?.name, stepSince: walk.stepSince,
      waiting: waiting, failure: walk.failure, change: walk.change, startedAt: walk.startedAt, endedAt: walk.endedAt,
      dependencies: walk.dependencies, steps: walk.steps.map(\.name),
      instances: live.map { .init($0) } ?? walk.instances,
      endpoint: walk.endpoint)
  }

  private func status(of entry: CalledApplications.Entry) -> CalledApplicationStatus {
    let walk = walks[entry.latest]
    let caller = walk.caller
    let script = caller.flatMap { places[$0.application] }.map { walks[$0] }
    let since = caller.flatMap { script?.script.open[$0.call]?.since } ?? walk.startedAt ?? createdAt
    var called = CalledApplicationStatus(
      id: walk.clusterID, script: caller?.step.step.name ?? "", call: caller?.work.rawValue ?? "", state: walk.state,
      change: entry.change, waiting: walk.waiting, failure: walk.failure, startedAt: walk.startedAt,
      endedAt: walk.endedAt, endpoint: walk.endpoint)
    if called.failure?.application == walk.id { called.failure?.application = walk.clusterID }
    if caller?.work == .waitHealthy { called.instances = walk.live.map { .init($0) } ?? walk.instances }
    if walk.state == .pending, !state.isFinal, !unmetDependencies(of: walk).isEmpty {
      // Names of calls tell people nothing.
      called.waiting = WaitingReason(
        step: nil, since: since, until: nil, cause: .dependencies(["the call before it"]))
    } else if let script, script.state == .blocked, script.failure?.call == caller?.call, !walk.isOver {
      called.state = .blocked
      called.waiting = WaitingReason(
        step: walk.step?.name, since: since, until: nil, cause: .decision("nobody can tell whether it was carried out"))
    }
    return called
  }
}
