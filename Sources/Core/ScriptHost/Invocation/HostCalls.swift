import Concurrency

/// Who performs the calls of one script.
package protocol HostCalls: Sendable {
  /// Answers a call whose answer is known or computed in no time; nil leaves it to `answer`, or to `begin`. It is asked on a thread that all
  /// scripts share.
  func answerAtOnce(_ call: HostCall) -> HostAnswer?

  /// Answers a call; the script waits meanwhile.
  func answer(_ call: HostCall) async -> HostAnswer

  /// Begins a call of a branch of `parallel`, which waits while the others go on. Returns at once.
  func begin(_ call: HostCall) async

  /// The next answer to a call that was begun and has none yet: there is one, and the script waits until this returns. Each is given once.
  /// - Returns: nil where the script is no longer wanted.
  func next() async -> BegunAnswer?
}

extension HostCalls {
  package func answerAtOnce(_ call: HostCall) -> HostAnswer? { nil }
}

/// The answer to a call of a branch.
package struct BegunAnswer: Sendable, Hashable {
  /// The number of the call.
  package let call: Int
  package let answer: HostAnswer

  package init(call: Int, answer: HostAnswer) {
    self.call = call
    self.answer = answer
  }
}

/// Calls that a closure performs: those of branches all at once, answered as each ends.
struct ClosureCalls: HostCalls {
  private let perform: @Sendable (HostCall) async -> HostAnswer
  private let begun = AsyncStream<HostCall>.makeStream()
  private let ended = AsyncStream<BegunAnswer>.makeStream()

  init(_ perform: @escaping @Sendable (HostCall) async -> HostAnswer) {
    self.perform = perform
  }

  func answer(_ call: HostCall) async -> HostAnswer { await perform(call) }

  func begin(_ call: HostCall) async { begun.continuation.yield(call) }

  func next() async -> BegunAnswer? {
    // An iterator has no state of its own: what it has not given, the next one gives.
    var answers = ended.stream.makeAsyncIterator()
    return await answers.next()
  }

  /// Performs what is begun while the body runs; what has not ended then is cancelled.
  func performing<Result: Sendable>(_ body: @escaping @Sendable () async -> Result) async -> Result {
    await withTaskGroup(of: Result?.self) { group in
      group.addTask { await body() }
      group.addTask {
        await withDiscardingTaskGroup { calls in
          for await call in begun.stream {
            calls.addTask { ended.continuation.yield(BegunAnswer(call: call.number, answer: await perform(call))) }
          }
        }
        return nil
      }
      while let part = await group.next() {
        guard let part else { continue }
        group.cancelAll()
        return part
      }
      preconditionFailure("the body returns")
    }
  }
}
