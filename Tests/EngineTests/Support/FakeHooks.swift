import Concurrency
import Engine

/// Hooks in memory, which outlive the servers that start them.
final class FakeHooks: Sendable {
  struct Hook: Sendable {
    var script: String
    var state: HookState
    let ended = AsyncSignal()
  }

  struct State: Sendable {
    var hooks: [HookKey: Hook] = [:]
    /// Scripts in the order in which they ran.
    var runs: [String] = []
    var results: [String: HookResult] = [:]
    /// Whether hooks end as soon as they are started.
    var isQuick = true
    var forgotten: [HookKey] = []
  }

  let state = Locked(State())

  var runs: [String] { state.withLock { $0.runs } }

  /// Hooks whose script holds this text end so.
  func answer(_ text: String, _ result: HookResult) {
    state.withLock { $0.results[text] = result }
  }

  func makeSlow() { state.withLock { $0.isQuick = false } }

  func end(_ result: HookResult = HookResult(status: .exited(0), outputTail: "")) {
    let signals = state.withLock { state in
      let running = state.hooks.filter { $0.value.state == .running }
      for key in running.keys { state.hooks[key]?.state = .finished(result) }
      return running.values.map(\.ended)
    }
    for signal in signals { signal.fire() }
  }

  /// What was started is lost: neither process nor result.
  func lose() {
    state.withLock { state in
      for key in state.hooks.keys { state.hooks[key]?.state = .unknown }
    }
  }
}

/// One server's connection to the hooks.
struct HookConnection: HookExecutor {
  let hooks: FakeHooks
  let power: CrashSwitch

  func start(_ job: HookJob) async throws(HookError) {
    guard power.pass("before hook \(job.title)") else { throw HookError("crashed") }
    hooks.state.withLock { state in
      guard state.hooks[job.key] == nil else { return }
      let lines = job.script.split(separator: "\n").dropFirst().joined(separator: "; ")
      state.runs.append(lines)
      let result = state.results.first { job.script.contains($0.key) }?.value
      let isOver = state.isQuick || result != nil
      let end = HookState.finished(result ?? HookResult(status: .exited(0), outputTail: "ok"))
      let hook = FakeHooks.Hook(script: job.script, state: isOver ? end : .running)
      if isOver { hook.ended.fire() }
      state.hooks[job.key] = hook
    }
    guard power.pass("after hook \(job.title)") else { throw HookError("crashed") }
  }

  func state(of key: HookKey) async -> HookState {
    hooks.state.withLock { $0.hooks[key]?.state ?? .absent }
  }

  func wait(for key: HookKey) async throws -> HookResult {
    guard let hook = hooks.state.withLock({ $0.hooks[key] }) else { throw HookError("no such hook") }
    try await hook.ended.wait()
    guard case .finished(let result) = await state(of: key) else { throw HookError("its end is not known") }
    return result
  }

  func cancel(_ key: HookKey) async {
    let signal = hooks.state.withLock { state -> AsyncSignal? in
      guard state.hooks[key]?.state == .running else { return nil }
      state.hooks[key]?.state = .finished(HookResult(status: .cancelled, outputTail: ""))
      return state.hooks[key]?.ended
    }
    signal?.fire()
  }

  func forget(_ key: HookKey) async {
    hooks.state.withLock { $0.forgotten.append(key) }
  }
}
