import Concurrency
package import JSON
import ScriptHost

/// The host's functions for a script in Swift. Branches run by turns, as those of a worker do: so calls have the same numbers each time.
package struct FakeScriptCalls: Sendable {
  package typealias Branch = @Sendable (FakeScriptCalls) async throws -> JSON

  private let host: any HostCalls
  private let number: Locked<Int>
  private let cpu: Locked<Duration>
  /// Of the branches that this one is one of.
  private let turns: Turns?

  init(_ host: any HostCalls) {
    self.init(host, number: Locked(0), cpu: Locked(.zero), turns: nil)
  }

  private init(_ host: any HostCalls, number: Locked<Int>, cpu: Locked<Duration>, turns: Turns?) {
    self.host = host
    self.number = number
    self.cpu = cpu
    self.turns = turns
  }

  /// Uses CPU time, or says so.
  package func burn(_ duration: Duration) { cpu.withLock { $0 += duration } }

  /// Calls a host function; throws what a script would see raised.
  package func callAsFunction(_ function: String, _ arguments: [JSON]) async throws -> JSON {
    let place = number.withLock { number in
      number += 1
      return number
    }
    let call = HostCall(number: place, function: function, arguments: arguments, cpu: cpu.withLock { $0 })
    let answer: HostAnswer
    if let turns, HostFunctions.named(function)?.isPure != true {
      await host.begin(call)
      answer = await turns.wait(for: place)
    } else {
      answer = await host.answer(call)
    }
    switch answer {
    case .result(let value): return value
    case .failure(let failure):
      if failure.code == .cancelled { throw ScriptFailure(.cancelled, failure.message) }
      throw failure
    }
  }

  /// What `parallel` returns, or the first error.
  @discardableResult
  package func parallel(_ branches: [Branch]) async throws -> [JSON] {
    let turns = Turns()
    let results = Locked<[Int: JSON]>([:])
    let errors = Locked<[any Error]>([])
    try await withThrowingTaskGroup(of: Void.self) { group in
      defer { turns.end() }
      for (place, branch) in branches.enumerated() {
        let isBack = turns.take()
        group.addTask {
          do {
            let value = try await branch(FakeScriptCalls(host, number: number, cpu: cpu, turns: turns))
            results.withLock { $0[place] = value }
          } catch {
            errors.withLock { $0.append(error) }
          }
          turns.giveBack()
        }
        try await isBack.wait()
      }
      while turns.hasWaiting {
        guard let next = await host.next() else { throw ScriptFailure(.cancelled, "the script is no longer wanted") }
        let isBack = turns.take()
        turns.goOn(next.call, with: next.answer)
        try await isBack.wait()
      }
    }
    if let error = errors.withLock({ $0.first }) { throw error }
    return branches.indices.map { place in results.withLock { $0[place] ?? .null } }
  }

  /// Which branch may run: one at a time.
  private final class Turns: Sendable {
    private struct State {
      var waiting: [Int: CheckedContinuation<HostAnswer, Never>] = [:]
      var isBack = AsyncSignal()
      var isOver = false
    }

    private let state = Locked(State())

    var hasWaiting: Bool { state.withLock { !$0.waiting.isEmpty } }

    /// A branch is about to run; the signal is fired when it waits or has ended.
    func take() -> AsyncSignal {
      state.withLock { state in
        state.isBack = AsyncSignal()
        return state.isBack
      }
    }

    func giveBack() { state.withLock { $0.isBack }.fire() }

    func wait(for call: Int) async -> HostAnswer {
      await withCheckedContinuation { continuation in
        let isOver = state.withLock { state in
          if !state.isOver { state.waiting[call] = continuation }
          return state.isOver
        }
        if isOver { continuation.resume(returning: Self.over) } else { giveBack() }
      }
    }

    func goOn(_ call: Int, with answer: HostAnswer) {
      state.withLock { $0.waiting.removeValue(forKey: call) }?.resume(returning: answer)
    }

    func end() {
      let waiting = state.withLock { state in
        defer { state.waiting = [:] }
        state.isOver = true
        return state.waiting.values
      }
      for continuation in waiting { continuation.resume(returning: Self.over) }
    }

    private static let over = HostAnswer.failure(HostCallFailure(.cancelled, "the script is no longer wanted"))
  }
}
