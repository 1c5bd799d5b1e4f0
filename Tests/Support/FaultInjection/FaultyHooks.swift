package import Engine
package import StackModel

/// Hooks as one server sees them: the start of one is two points, its end another one.
package struct FaultyHooks: HookExecutor {
  private let base: any HookExecutor
  private let gate: any FaultGate

  package init(_ base: any HookExecutor, gate: any FaultGate) {
    self.base = base
    self.gate = gate
  }

  package func start(_ job: HookJob) async throws(HookError) {
    switch await gate.pass(FaultPoint(.effect, .before, "hook \(job.title)")) {
    case nil: break
    case .twice?: try await base.start(job)
    default: throw HookError("injected: it cannot be started")
    }
    try await base.start(job)
    if await gate.pass(FaultPoint(.effect, .after, "hook \(job.title)")) == .gone { throw HookError("gone") }
  }

  package func state(of key: HookKey) async -> HookState { await base.state(of: key) }

  package func wait(for key: HookKey) async throws -> HookResult {
    let result = try await base.wait(for: key)
    switch await gate.pass(FaultPoint(.end, .before, "end of hook \(key)")) {
    case nil: return result
    case .twice?: return try await base.wait(for: key)
    case .gone?: throw CancellationError()
    case .undecided?: throw HookError("injected: its end is not known")
    case .failed?, .unavailable?, .locked?, .invalid?, .unintelligible?:
      return HookResult(status: .exited(3), outputTail: "injected\n")
    }
  }

  package func output(of key: HookKey, limit: Int) async -> HookOutput { await base.output(of: key, limit: limit) }

  package func cancel(_ key: HookKey) async {
    switch await gate.pass(FaultPoint(.effect, .before, "end hook \(key)")) {
    case nil: break
    case .twice?: await base.cancel(key)
    default: return
    }
    await base.cancel(key)
  }

  package func forget(_ key: HookKey) async { await base.forget(key) }
}

/// A task runner as one server sees it.
package struct FaultyRunner: TaskRunner {
  private let base: any TaskRunner
  private let gate: any FaultGate

  package init(_ base: any TaskRunner, gate: any FaultGate) {
    self.base = base
    self.gate = gate
  }

  package func fill(application: String, tasks: [LiveTask]) async throws(TaskRunnerError) -> OrderedMap<String> {
    switch await gate.pass(FaultPoint(.look, .before, "fill \(application)")) {
    case nil: break
    case .twice?: _ = try await base.fill(application: application, tasks: tasks)
    default: throw TaskRunnerError("injected: \(application) does not answer")
    }
    return try await base.fill(application: application, tasks: tasks)
  }

  package func run(_ task: TaskJob) async throws(TaskRunnerError) -> OrderedMap<String> {
    let name = "task \(task.application) \(task.name)"
    if await gate.pass(FaultPoint(.effect, .before, name)) != nil { throw TaskRunnerError("injected: \(name)") }
    let added = try await base.run(task)
    if await gate.pass(FaultPoint(.effect, .after, name)) != nil { throw TaskRunnerError("injected: \(name)") }
    return added
  }
}
