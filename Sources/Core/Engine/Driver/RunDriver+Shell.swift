import Concurrency
import JSON
import ScriptHost

extension RunDriver {
  /// Runs a script's shell command, or takes up the one that a former server has started for the same call.
  func runShell(_ order: RunStateMachine.CallOrder) async -> RunStateMachine.CallEnd? {
    let call: ShellCall
    do {
      call = try ShellCall(order.call.arguments)
    } catch {
      return .answered(.failure(error))
    }
    let key = HookKey(run: run.id, order.reference, call: order.call.number, since: order.since)
    switch await environment.hooks.state(of: key) {
    case .absent:
      // Granted when it was called for; but it has not begun, and the server's flags may be others by now.
      if let denial = order.grants.denial(of: .shell) { return .answered(.failure(denial.failure)) }
      let title = "\(order.reference.application) \(order.reference.step.name), call \(order.call.number)"
      do {
        try await environment.hooks.start(
          HookJob(key: key, script: "#!/bin/sh\n\(call.command)\n", title: title, environment: call.environment))
      } catch {
        return .answered(.failure(HostCallFailure(.unavailable, error.message)))
      }
    case .running, .finished: break
    case .unknown: return .undecided("its command was started, and has left neither a process nor a result")
    }
    return await end(of: call, key, until: order.since + call.timeout)
  }

  private func end(of call: ShellCall, _ key: HookKey, until deadline: Timestamp) async -> RunStateMachine.CallEnd? {
    let result: HookResult
    let isLate = Locked(false)
    do {
      result = try await withThrowingTaskGroup(of: HookResult?.self) { group in
        group.addTask { try await environment.hooks.wait(for: key) }
        group.addTask {
          try await environment.time.sleep(untilUptime: environment.time.uptime(at: deadline))
          isLate.withLock { $0 = true }
          await environment.hooks.cancel(key)
          return nil
        }
        defer { group.cancelAll() }
        while let result = try await group.next() {
          if let result { return result }
        }
        throw CancellationError()
      }
    } catch let error as HookError {
      return .undecided(error.message)
    } catch {
      return nil
    }
    let output = await environment.hooks.output(of: key, limit: ShellCall.outputLimit)
    return .answered(answer(result, output, call, isLate: isLate.withLock { $0 }))
  }

  private func answer(_ result: HookResult, _ output: HookOutput, _ call: ShellCall, isLate: Bool) -> HostAnswer {
    let texts: JSONObject = ["stdout": .string(output.output), "stderr": .string(output.error)]
    var answer = texts
    switch result.status {
    case .exited(let status): answer["status"] = .integer(Int64(status))
    case .signalled(let signal): answer["status"] = .integer(128 + Int64(signal))
    case .cancelled where isLate:
      return .failure(
        HostCallFailure(
          .timeout, "the command did not end within \(call.timeout), and was ended", details: .object(texts)))
    case .cancelled:
      return .failure(HostCallFailure(.cancelled, "the command was ended", details: .object(texts)))
    }
    return .result(.object(answer))
  }
}
