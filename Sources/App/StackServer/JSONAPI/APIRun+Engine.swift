import Engine
import StackAPI
import Store

// From the engine's words to the wire's.

extension APIRunSummary {
  init(_ record: RunRecord) {
    self.init(
      id: record.id.number, kind: record.kind.rawValue, stack: record.stack, zone: record.zone,
      state: record.state.rawValue, error: record.error, createdAt: record.createdAt, createdBy: record.createdBy,
      startedAt: record.startedAt, endedAt: record.endedAt)
  }

  init(_ status: RunStatus) {
    self.init(
      id: status.id.number, kind: status.kind.rawValue, stack: status.stack, zone: status.zone,
      state: status.state.rawValue, error: status.failure?.description, createdAt: status.createdAt,
      createdBy: status.createdBy, startedAt: status.startedAt, endedAt: status.endedAt)
  }
}

extension APIRunStatus {
  init(_ status: RunStatus) {
    self.init(
      run: APIRunSummary(status), revision: status.revision, failure: status.failure.map(APIFailure.init),
      waiting: status.waiting.map(APIWaiting.init), cancelling: status.isCancelling,
      applications: status.applications.map(APIApplicationStatus.init),
      variables: Dictionary(status.variables.map { ($0.key, $0.value) }) { $1 }, sequence: status.sequence)
  }
}

extension APIFailure {
  fileprivate init(_ failure: RunFailure) {
    self.init(
      application: failure.application, step: failure.step, reason: failure.reason, logTail: failure.logTail)
  }
}

extension APIWaiting {
  fileprivate init(_ waiting: WaitingReason) {
    self.init(
      step: waiting.step, since: waiting.since, until: waiting.until, cause: waiting.cause.name,
      sentence: waiting.sentence)
  }
}

extension APIApplicationStatus {
  fileprivate init(_ status: ApplicationStatus) {
    self.init(
      id: status.id, operation: status.operation.rawValue, state: status.state.rawValue,
      change: status.change?.rawValue, step: status.step, stepSince: status.stepSince,
      waiting: status.waiting.map(APIWaiting.init), failure: status.failure.map(APIFailure.init),
      startedAt: status.startedAt, endedAt: status.endedAt, dependencies: status.dependencies, steps: status.steps,
      instances: status.instances.map(Instances.init), endpoint: status.endpoint, sentence: status.sentence,
      called: status.called.isEmpty ? nil : status.called.map(APICalledApplication.init))
  }
}

extension APIApplicationStatus.Instances {
  fileprivate init(_ instances: ApplicationStatus.Instances) {
    self.init(wanted: instances.wanted, running: instances.running, healthy: instances.healthy)
  }
}

extension APICalledApplication {
  fileprivate init(_ status: CalledApplicationStatus) {
    self.init(
      id: status.id, script: status.script, call: status.call, state: status.state.rawValue,
      change: status.change?.rawValue, waiting: status.waiting.map(APIWaiting.init),
      failure: status.failure.map(APIFailure.init), startedAt: status.startedAt, endedAt: status.endedAt,
      instances: status.instances.map(APIApplicationStatus.Instances.init), endpoint: status.endpoint,
      sentence: status.sentence)
  }
}

extension APIEvent {
  init(_ event: RunEvent) {
    self.init(
      run: event.run.number, sequence: event.sequence, at: event.at, kind: event.kind.description,
      application: event.application, step: event.step, sentence: event.sentence, data: event.data,
      final: event.isFinal)
  }
}
