import Concurrency
import JSON
import StackModel
package import Store

extension Engine {
  /// Accepts a run: it is durable when this returns, and is carried out from then on.
  /// - Throws: `EngineError` with all that is wrong with the stack at once; nothing has been stored then.
  package func submit(_ request: RunRequest) async throws(EngineError) -> RunID {
    try await submit(request, as: nil).id
  }

  /// The same, once for each key: a key that stands for a run already gives that run, whatever has become of the stack.
  /// - Throws: `.otherRequest` if the key was used for something else.
  package func submit(
    _ request: RunRequest, as submission: Submission?
  ) async throws(EngineError) -> (id: RunID, isNew: Bool) {
    let environment = try surroundings()
    try await settleDoubts()
    if let submission, let before = try await runSubmitted(as: submission) { return (before, false) }
    let plan = try await plan(for: request)
    let lane = RunLocks.Lane(stack: request.stack, zone: request.zone)
    let now = time.now()
    if request.lockWait <= .zero, let holder = environment.locks.withLock({ $0.holder(of: lane) }) {
      throw locked(lane, holder, now)
    }
    let draft = RunRecord(
      id: RunID(0), kind: request.kind, stack: request.stack, zone: request.zone, state: .queued,
      snapshot: plan.snapshot, createdAt: now, createdBy: request.user)
    let creation: RunCreation
    do throws(StoreError) {
      creation =
        if let submission {
          try await store.createRun(draft, submission: submission, pinning: plan.pins, epoch: environment.epoch)
        } else {
          .created(try await store.createRun(draft, pinning: plan.pins, epoch: environment.epoch))
        }
    } catch {
      if error.code == .unavailable { doubt(.new(.init(draft))) }
      throw EngineError(error)
    }
    let record: RunRecord
    switch creation {
    case .created(let created): record = created
    // Somebody else came first with the key.
    case .submittedBefore(let run, let digest): return (try Self.check(run, digest, submission), false)
    }
    let machine = RunStateMachine(
      id: record.id, plan: plan, createdAt: record.createdAt, options: options, runnerTypes: Set(runners.keys))
    // Its place in the line is that of its arrival, not of the moment at which its driver asks.
    _ = environment.locks.withLock { $0.request(lane, record.id, request.user, at: now) }
    arrive(LiveRun(machine: machine, record: record))
    return (record.id, true)
  }

  private func runSubmitted(as submission: Submission) async throws(EngineError) -> RunID? {
    let found: (run: RunID, digest: String)?
    do throws(StoreError) {
      found = try await store.submittedRun(
        key: submission.key, user: submission.user, since: time.now() - Submission.lifetime)
    } catch {
      throw EngineError(error)
    }
    guard let found else { return nil }
    return try Self.check(found.run, found.digest, submission)
  }

  private static func check(
    _ run: RunID, _ digest: String, _ submission: Submission?
  ) throws(EngineError) -> RunID {
    guard digest == submission?.digest else {
      throw EngineError(
        .otherRequest,
        "the key \"\(submission?.key ?? "")\" stands for run \(run), which was asked for in another way; take a new key for a "
          + "new request")
    }
    return run
  }

  private func locked(_ lane: RunLocks.Lane, _ holder: RunLocks.Holder, _ now: Timestamp) -> EngineError {
    let place = lane.zone.isEmpty ? "stack \(lane.stack)" : "stack \(lane.stack) in zone \(lane.zone)"
    let user = holder.user.isEmpty ? "" : " of \(holder.user)"
    return EngineError(
      .locked(by: holder.run),
      "\(place) is held by run \(holder.run)\(user) for \((now - holder.since).forPeople); "
        + "wait for it, cancel it, or give --lock-wait a time",
      originalText: "Stack state already exists")
  }

  private func plan(for request: RunRequest) async throws(EngineError) -> RunPlan {
    let stack: Stack
    let revision: Int
    var files: [String: [String: ContentHash]] = [:]
    switch request.kind {
    case .deploy:
      let (merged, records) = try await mergedStack(for: request)
      (stack, revision) = (merged, records[0].revision)
      files = try self.files(of: merged, records)
    case .down: (stack, revision) = try await stackToTakeDown(request)
    }
    let skip: SkipPatterns
    do {
      skip = try SkipPatterns(request.skip)
    } catch {
      throw EngineError(.invalid, "a --skip pattern cannot be used: \(error)")
    }
    switch request.kind {
    case .deploy: try check(stack, request)
    case .down:
      guard request.skip.isEmpty, !request.prune else {
        throw EngineError(.invalid, "down removes all that the stack has deployed: it takes no --skip and no --prune")
      }
    }
    return RunPlan(
      kind: request.kind, revision: revision, stack: stack, zone: request.zone, user: request.user, role: request.role,
      skipped: Set(stack.applications.values.map(\.id).filter { skip.skips($0) }),
      arbitraryVariables: request.variables, globalVariables: options.globalVariables, maxWait: request.maxWait,
      lockWait: request.lockWait, existing: request.existing, healthy: request.healthy, prune: request.prune,
      files: files)
  }

  /// What the scripts of a merged stack may run: all files of the stacks that they are from.
  private func files(
    of stack: Stack, _ records: [StackRecord]
  ) throws(EngineError) -> [String: [String: ContentHash]] {
    var files: [String: [String: ContentHash]] = [:]
    var problems: [String] = []
    func require(_ script: HookScript, _ place: String) {
      let owner = script.stack
      if files[owner] == nil, let record = records.first(where: { $0.name == owner }) {
        files[owner] = Dictionary(record.files.map { ($0.path, $0.content) }) { first, _ in first }
      }
      guard let path = script.neededFile, files[owner]?[path] == nil else { return }
      let verb = if case .function = script.source { "is a function of" } else { "runs" }
      problems.append("\(place) \(verb) \(path), which stack \(owner) does not have; add \(owner) again")
    }
    if let run = stack.run { require(run, "run") }
    for placed in stack.scripts {
      require(placed.script, "Invalid application \(placed.application): \(placed.hook.rawValue)")
    }
    guard problems.isEmpty else {
      throw EngineError(.invalid, "stack \(stack.name) cannot be run", problems: problems)
    }
    return files
  }

  /// The stack with all that it inherits, over the layers of its zone.
  /// - Returns: with the records that it was made of, its own first.
  private func mergedStack(for request: RunRequest) async throws(EngineError) -> (Stack, [StackRecord]) {
    let (own, records) = try await chain(of: request.stack, revision: request.revision, missing: .stackNotFound)
    let zone = request.zone.isEmpty ? nil : try await chain(of: request.zone, revision: nil, missing: .zoneNotFound)
    do {
      return (try own.runnable(inZone: zone?.0), records + (zone?.1 ?? []))
    } catch {
      throw EngineError(.invalid, error.description, originalText: error.originalText)
    }
  }

  /// A stack and all that it inherits from; parents count with their latest revision.
  private func chain(
    of name: String, revision: Int?, missing: EngineError.Code
  ) async throws(EngineError) -> (StackChain, [StackRecord]) {
    do {
      guard let record = try await store.stack(named: name, revision: revision) else {
        let what = revision.map { "stack \(name) has no revision \($0)" } ?? "there is no stack \(name)"
        throw EngineError(missing, what, originalText: "Stack does not exist")
      }
      var records = [record]
      let chain = try await StackChain.complete(record.definition) { parent in
        guard let found = try await store.stack(named: parent, revision: nil) else { return nil }
        records.append(found)
        return found.definition
      }
      return (chain, records)
    } catch let error as EngineError {
      throw error
    } catch let error as StoreError {
      throw EngineError(error)
    } catch let error as InheritanceError {
      var code = EngineError.Code.invalid
      if case .missingParent = error.reason { code = missing }
      throw EngineError(code, error.description, originalText: error.originalText)
    } catch {
      throw EngineError(.unavailable, "\(error)")
    }
  }

  /// A stack may be gone from the store while what it deployed still runs.
  private func stackToTakeDown(_ request: RunRequest) async throws(EngineError) -> (Stack, revision: Int) {
    do {
      let record = try await store.stack(named: request.stack, revision: nil)
      if record == nil, try await store.ownership(stack: request.stack, zone: request.zone).isEmpty {
        throw EngineError(.stackNotFound, "there is no stack \(request.stack)", originalText: "Stack does not exist")
      }
      return (Stack(name: request.stack), record?.revision ?? 0)
    } catch let error as StoreError {
      throw EngineError(error)
    } catch let error as EngineError {
      throw error
    } catch {
      throw EngineError(.unavailable, "\(error)")
    }
  }

  private func check(_ stack: Stack, _ request: RunRequest) throws(EngineError) {
    let problems = stack.problems(taskRunners: Set(runners.keys))
    let variables =
      stack.problemsOfVariables().map { "variable \($0.name): \($0.problem)" } + valueProblems(of: stack, request)
    let runOnce = stack.applications.filter { $0.value.type == Application.runOnce }.map { key, _ in
      "Invalid application \(key): its type is \(Application.runOnce), which runs on Mesos without Marathon; "
        + "this version does not do that"
    }
    guard !problems.isEmpty || !runOnce.isEmpty || !variables.isEmpty else { return }
    throw EngineError(
      .invalid, "stack \(stack.name) cannot be run", problems: problems.map(\.description) + runOnce + variables,
      originalText: problems.lazy.compactMap(\.originalText).first)
  }

  /// Declared variables without a value, or with one that does not fit. The value itself is in no message: it may be a secret.
  private func valueProblems(of stack: Stack, _ request: RunRequest) -> [String] {
    stack.variables.compactMap { name, variable in
      let wayOut = "with --var \(name)=VALUE"
      let value: (text: String, place: String)
      if let given = request.variables[name] {
        value = (given, "--var of the run")
      } else if let global = options.globalVariables[name] {
        value = (global, "--var of the server")
      } else if let standard = variable.standard {
        value = (standard, "its default")
      } else {
        return "variable \(name) has no value: give it \(variable.allowed) \(wayOut)"
      }
      guard !variable.allows(value.text) else { return nil }
      return
        "variable \(name) must be \(variable.allowed), which \(value.place) is not: give it another value \(wayOut)"
    }
  }
}

extension StackRecord {
  /// What was written, with the level that it was added as.
  fileprivate var definition: Stack {
    var definition = stack
    if let level { definition.layer = level.rawValue }
    definition.attributeScripts(to: name, file: file.isEmpty ? "\(name).yaml" : file)
    return definition
  }
}
