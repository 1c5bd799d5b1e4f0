package import Concurrency
package import Engine

/// Hooks in memory, which outlive the servers that start them.
package final class FakeHooks: Sendable {
  package struct Hook: Sendable {
    package var script: String
    package var environment: [String: String]
    package var state: HookState
    package let ended = AsyncSignal()
  }

  package struct State: Sendable {
    package var hooks: [HookKey: Hook] = [:]
    /// Scripts in the order in which they ran.
    package var runs: [String] = []
    package var results: [String: HookResult] = [:]
    /// Whether hooks end as soon as they are started.
    package var isQuick = true
    package var forgotten: [HookKey] = []
  }

  package let state = Locked(State())

  package init() {}

  package var runs: [String] { state.withLock { $0.runs } }

  /// Hooks whose script holds this text end so.
  package func answer(_ text: String, _ result: HookResult) {
    state.withLock { $0.results[text] = result }
  }

  package func makeSlow() { state.withLock { $0.isQuick = false } }

  package func end(_ result: HookResult = HookResult(status: .exited(0), outputTail: "")) {
    let signals = state.withLock { state in
      let running = state.hooks.filter { $0.value.state == .running }
      for key in running.keys { state.hooks[key]?.state = .finished(result) }
      return running.values.map(\.ended)
    }
    for signal in signals { signal.fire() }
  }

  /// What was started is lost: neither process nor result.
  package func lose() {
    let signals = state.withLock { state in
      for key in state.hooks.keys { state.hooks[key]?.state = .unknown }
      return state.hooks.values.map(\.ended)
    }
    for signal in signals { signal.fire() }
  }
}

/// A server's connection to the hooks.
package struct HookConnection: HookExecutor {
  private let hooks: FakeHooks

  package init(_ hooks: FakeHooks) {
    self.hooks = hooks
  }

  package func start(_ job: HookJob) async throws(HookError) {
    hooks.state.withLock { state in
      guard state.hooks[job.key] == nil else { return }
      let lines = job.script.split(separator: "\n").dropFirst().joined(separator: "; ")
      state.runs.append(lines)
      let result = state.results.first { job.script.contains($0.key) }?.value
      let isOver = state.isQuick || result != nil
      let end = HookState.finished(result ?? HookResult(status: .exited(0), outputTail: "ok"))
      let hook = FakeHooks.Hook(script: job.script, environment: job.environment, state: isOver ? end : .running)
      if isOver { hook.ended.fire() }
      state.hooks[job.key] = hook
    }
  }

  package func state(of key: HookKey) async -> HookState {
    hooks.state.withLock { $0.hooks[key]?.state ?? .absent }
  }

  package func wait(for key: HookKey) async throws -> HookResult {
    guard let hook = hooks.state.withLock({ $0.hooks[key] }) else { throw HookError("no such hook") }
    try await hook.ended.wait()
    guard case .finished(let result) = await state(of: key) else { throw HookError("its end is not known") }
    return result
  }

  package func output(of key: HookKey, limit: Int) async -> HookOutput {
    hooks.state.withLock { state in
      guard let hook = state.hooks[key], case .finished(let result) = hook.state else {
        return HookOutput(output: "", error: "")
      }
      let variables = hook.environment.map { "\($0)=\($1)\n" }.sorted().joined()
      return HookOutput(output: String(result.outputTail.suffix(limit)), error: variables)
    }
  }

  package func cancel(_ key: HookKey) async {
    let signal = hooks.state.withLock { state -> AsyncSignal? in
      guard state.hooks[key]?.state == .running else { return nil }
      state.hooks[key]?.state = .finished(HookResult(status: .cancelled, outputTail: ""))
      return state.hooks[key]?.ended
    }
    signal?.fire()
  }

  package func forget(_ key: HookKey) async {
    hooks.state.withLock { $0.forgotten.append(key) }
  }
}
