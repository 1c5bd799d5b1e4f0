extension RunDriver {
  /// `nil` where the server stops: the hook goes on without it.
  func start(_ job: HookJob) async -> RunStateMachine.HookReport? {
    do {
      try await environment.hooks.start(job)
    } catch {
      return .notStarted(error.message)
    }
    return await end(of: job.key)
  }

  func find(_ key: HookKey) async -> RunStateMachine.HookReport? {
    switch await environment.hooks.state(of: key) {
    case .absent: .absent
    case .running: await end(of: key)
    case .finished(let result): .ended(result)
    case .unknown: .unknown("it was started, and has left neither a process nor a result")
    }
  }

  private func end(of key: HookKey) async -> RunStateMachine.HookReport? {
    do {
      return .ended(try await environment.hooks.wait(for: key))
    } catch let error as HookError {
      return .unknown(error.message)
    } catch {
      return nil
    }
  }
}
