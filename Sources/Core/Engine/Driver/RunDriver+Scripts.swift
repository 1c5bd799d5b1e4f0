import Concurrency
import ScriptHost
import StackModel
import Store

extension RunDriver {
  /// Runs a script to its end, or until it waits for long: then it keeps neither worker nor task, and is run again when there is an answer.
  /// - Returns: `nil` where the server stops: the next one runs it again.
  func runScript(
    _ application: String, _ token: Int, _ live: LiveScript
  ) async -> RunStateMachine.ScriptEnd? {
    var end = await withTaskGroup(of: RunStateMachine.ScriptEnd?.self) { group in
      group.addTask { await invocations(application, token, live) }
      group.addTask {
        do {
          try await live.cancel.wait()
          return .cancelled
        } catch {
          return nil
        }
      }
      defer { group.cancelAll() }
      // Whichever comes first; the other is gone when this returns.
      return await group.next() ?? nil
    }
    // Cancelled while it was being parked: whoever did that may have seen it run still. Both of them telling its end does no harm.
    if end == .suspended, live.cancel.isFired { end = .cancelled }
    if end != .suspended { run.setScript(nil, application, token) }
    return end
  }

  /// Ends a script, also one that nobody runs at the moment.
  func cancelScript(_ application: String, _ token: Int) {
    guard let script = run.script(application, token) else { return }
    script.cancel.fire()
    guard script.answers.isParked else { return }
    run.setScript(nil, application, token)
    post(.scriptEnded(application: application, token: token, .cancelled))
  }

  private func invocations(
    _ application: String, _ token: Int, _ live: LiveScript
  ) async -> RunStateMachine.ScriptEnd? {
    let order = live.order
    let invocation: ScriptInvocation
    do {
      invocation = try await self.invocation(order)
    } catch {
      return Task.isCancelled ? nil : .failed(ScriptFailure(.helper, "its source cannot be read: \(error)"))
    }
    while true {
      do {
        let place = try await environment.workers.take()
        defer { place.giveBack() }
        let conversation = ScriptConversation(
          history: live.hasHistory ? try await history(of: order) : CallHistory(), since: order.since,
          seed: seed(of: order.reference), answers: live.answers, time: environment.time, place: place,
          replays: live.isCharged ? run.replays : nil,
          post: { call in
            let end = putAtOnce(call)
            run.post(.called(application: application, token: token, call, end))
            return call.answerInAdvance(end)
          })
        let end = await conversation.end(of: environment.scripts, invocation)
        guard end == .suspended else { return end }
        place.giveBack()
        // That others wanted its worker is not the script's doing.
        live.suspend(isCharged: !conversation.hasGivenUp)
        // What it waits for goes on without it, and stands in the journal as well when it comes.
        if live.answers.park(unless: conversation.knownCalls) { return .suspended }
      } catch is CancellationError {
        return nil
      } catch {
        return .failed(ScriptFailure(.helper, "what it has called so far cannot be read: \(error)"))
      }
    }
  }

  private func invocation(_ order: RunStateMachine.ScriptOrder) async throws -> ScriptInvocation {
    let script = order.script
    let hashes = Array(Set(order.files.values))
    let contents =
      try await hashes.isEmpty
      ? [:]
      : patiently("the files of a script") { () async throws(StoreError) in
        try await environment.store.contents(hashes, of: .run(run.id))
      }
    let source: [UInt8]
    switch script.source {
    case .text(let text):
      // As many lines down as in its file, so that errors name the line there.
      source = Array(repeating: UInt8(ascii: "\n"), count: max(0, script.line - 1)) + Array(text.utf8)
    case .file, .function:
      guard let content = order.files[script.file].flatMap({ contents[$0] }) else {
        throw StoreError(.notFound, "the file \(script.file) of stack \(script.stack) is not stored")
      }
      source = content
    }
    var invocation = ScriptInvocation(name: script.file, source: source, seed: seed(of: order.reference))
    invocation.context = order.context
    if case .function(let function) = script.source { invocation.function = function }
    invocation.modules = order.files.sorted { $0.key < $1.key }.compactMap { path, hash in
      contents[hash].flatMap { ScriptModule(path: path, source: $0) }
    }
    // How long it may take is the run's own business: each wait has its end, and none keeps the worker. Between two of
    // them `silence` is the limit.
    invocation.limits.time = .seconds(366 * 24 * 3600)
    invocation.functions = HostFunctions.all(in: order.reference.step == .run ? .run : .hook)
    return invocation
  }

  /// The same for every replay of a step, and no other's.
  private func seed(of reference: StepReference) -> (UInt64, UInt64) {
    ScriptSeed.of("\(run.id)/\(reference.application)/\(reference.step.name)/\(reference.attempt)")
  }

  private func history(of order: RunStateMachine.ScriptOrder) async throws -> CallHistory {
    let reference = order.reference
    var history = CallHistory()
    var sequence = order.journaledAfter
    while true {
      let after = sequence
      let page = try await patiently("the journal") { () async throws(StoreError) in
        try await environment.store.journal(of: run.id, after: after, limit: 1_000)
      }
      guard let last = page.last else { return history }
      sequence = last.sequence
      for record in page where record.path == reference.path {
        let entry = try JournalEntry(record)
        switch entry {
        case .called(reference, _), .answered(reference, _, _), .logged(reference, _, _, _):
          history.take(entry, at: record.at)
        default: break
        }
      }
    }
  }
}
