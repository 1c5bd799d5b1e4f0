import Concurrency
import JSON
import StackModel
package import Store

extension Engine {
  /// Accepts a run: it is durable when this returns, and is carried out from then on.
  /// - Throws: `EngineError` with all that is wrong with the stack at once; nothing has been stored then.
  package func submit(_ request: RunRequest) async throws(EngineError) -> RunID {
    let environment = try surroundings()
    let plan = try await plan(for: request)
    let lane = RunLocks.Lane(stack: request.stack, zone: request.zone)
    let now = time.now()
    if request.lockWait <= .zero, let holder = environment.locks.withLock({ $0.holder(of: lane) }) {
      throw locked(lane, holder, now)
    }
    let record: RunRecord
    do {
      record = try await store.createRun(
        RunRecord(
          id: RunID(0), kind: request.kind, stack: request.stack, zone: request.zone, state: .queued,
          snapshot: plan.snapshot, createdAt: now, createdBy: request.user),
        epoch: environment.epoch)
    } catch {
      throw EngineError(error)
    }
    let machine = RunStateMachine(
      id: record.id, plan: plan, createdAt: record.createdAt, options: options, runnerTypes: Set(runners.keys))
    // Its place in the line is that of its arrival, not of the moment at which its driver asks.
    _ = environment.locks.withLock { $0.request(lane, record.id, request.user, at: now) }
    arrive(LiveRun(machine: machine, record: record))
    return record.id
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
    let (stack, revision) =
      switch request.kind {
      case .deploy: try await mergedStack(for: request)
      case .down: try await stackToTakeDown(request)
      }
    let skip: SkipPatterns
    do {
      skip = try SkipPatterns(request.skip)
    } catch {
      throw EngineError(.invalid, "a --skip pattern cannot be used: \(error)")
    }
    if request.kind == .deploy { try check(stack) }
    return RunPlan(
      kind: request.kind, revision: revision, stack: stack, zone: request.zone, user: request.user,
      skipped: Set(stack.applications.values.map(\.id).filter { skip.skips($0) }),
      arbitraryVariables: request.variables, globalVariables: options.globalVariables, maxWait: request.maxWait,
      lockWait: request.lockWait, existing: request.existing, healthy: request.healthy, prune: request.prune)
  }

  /// The stack with all that it inherits, over the layers of its zone.
  private func mergedStack(for request: RunRequest) async throws(EngineError) -> (Stack, revision: Int) {
    let lineage = StackLineage(store: store)
    let own = try await lineage.chain(of: request.stack, revision: request.revision, missing: .stackNotFound)
    let layers =
      request.zone.isEmpty ? [] : try await lineage.layers(of: request.zone)
    guard let newest = own.first,
      var merged = Stack.merging((own + layers).reversed().map(\.stack))
    else {
      throw EngineError(.stackNotFound, "there is no stack \(request.stack)", originalText: "Stack does not exist")
    }
    merged.name = request.stack
    merged.from = ""
    return (merged, newest.revision)
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

  private func check(_ stack: Stack) throws(EngineError) {
    let problems = stack.problems(taskRunners: Set(runners.keys))
    let runOnce = stack.applications.filter { $0.value.type == Application.runOnce }.map { key, _ in
      "Invalid application \(key): its type is \(Application.runOnce), which runs on Mesos without Marathon; "
        + "this version does not do that"
    }
    guard !problems.isEmpty || !runOnce.isEmpty else { return }
    throw EngineError(
      .invalid, "stack \(stack.name) cannot be run", problems: problems.map(\.description) + runOnce,
      originalText: problems.lazy.compactMap(\.originalText).first)
  }
}
