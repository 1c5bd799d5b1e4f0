import Concurrency
import JSON
import ScriptHost
import StackModel
import Store

/// The steps that run a Lua script. What the script calls is decided here and journaled like any other effect; the script itself
/// is nothing durable: it is run again from its start, and gets the recorded answers.
extension RunStateMachine {
  mutating func performScript(
    _ place: Int, _ reference: StepReference, _ script: HookScript, at now: Timestamp
  ) {
    if case .intended(.script(let context)) = walks[place].stage {
      startScript(place, reference, script, context, at: now)
    } else if walks[place].live == nil, reference.step.seesApplication {
      // Its endpoints are part of what the script sees.
      let token = walks[place].start(.reading)
      actions.append(
        .observe(ObservationOrder(application: walks[place].id, clusterID: walks[place].clusterID, token: token)))
    } else {
      beginScript(place, reference, script, at: now)
    }
  }

  /// What the script sees as `ctx` is decided once: it is the same in every replay.
  mutating func beginScript(
    _ place: Int, _ reference: StepReference, _ script: HookScript, at now: Timestamp
  ) {
    let context = scriptContext(place, reference.step)
    record(.intent(reference, .script(context)), at: now)
    startScript(place, reference, script, context, at: now)
  }

  private mutating func startScript(
    _ place: Int, _ reference: StepReference, _ script: HookScript, _ context: JSON, at now: Timestamp
  ) {
    let token = walks[place].start(.script)
    walks[place].performing = [:]
    walks[place].pendingEnd = nil
    walks[place].hasLostCall = false
    setWaiting(place, .hook, at: now)
    actions.append(
      .runScript(
        application: walks[place].id, token: token,
        ScriptOrder(
          reference: reference, script: script, files: plan.files[script.stack] ?? [:], context: context,
          since: walks[place].stepSince ?? now, hasHistory: walks[place].script.calls > 0,
          journaledAfter: walks[place].script.journaledAfter)))
  }

  mutating func called(_ place: Int, _ call: ScriptCall, _ end: CallEnd?, at now: Timestamp) {
    guard walks[place].activity == .script, walks[place].pendingEnd == nil, let reference = walks[place].reference
    else { return }
    guard phase == .walking, !isStopping else {
      walks[place].hasLostCall = true
      if !isStopping { endScript(place, at: now) }
      return
    }
    let id = walks[place].id
    // The script was run again while the call was performed, and gets its answer when it comes, or has it on its way.
    if walks[place].script.hasAnswer(to: call.number) { return }
    if let performed = walks[place].performing[call.number] {
      if !performed.record.isSame(as: call.record) {
        actions.append(.cancelScript(application: id, token: walks[place].token))
        diverge(place, reference, performed.record.difference(from: call.record), at: now)
      }
      return
    }
    if let open = walks[place].script.open[call.number] {
      goOn(place, reference, call, since: open.since, at: now)
      return
    }
    switch call.function {
    case "vars.get":
      let value = resolvable.lookup(call.arguments.string("name") ?? "")?.value
      reply(place, reference, call, .result(value.map { .string($0) } ?? .null), at: now)
    case "vars.all":
      let variables = resolvable
      let all = variables.names.map { ($0, JSON.string(variables.lookup($0)?.value ?? "")) }
      reply(place, reference, call, .result(.object(JSONObject(all))), at: now)
    case "vars.set":
      let value = call.arguments.string("value") ?? ""
      record(.variables(application: id, [call.arguments.string("name") ?? "": value]), at: now)
      reply(place, reference, call, .result(.null), at: now)
    case "log.debug", "log.info", "log.warn", "log.error":
      record(
        .logged(
          reference, call.record, level: String(call.function.dropFirst(4)), call.arguments.string("message") ?? ""),
        at: now)
      actions.append(.answerCall(application: id, token: walks[place].token, call: call.number, .result(.null)))
    default:
      if let work = ScriptedWork(rawValue: call.function), work.target(call.arguments) == nil {
        let text = "\(call.function) needs the id of an application"
        reply(place, reference, call, .failure(HostCallFailure(.invalidArgument, text)), at: now)
        return
      }
      if let denial = denial(of: call) {
        reply(place, reference, call, .failure(denial.failure), at: now)
        return
      }
      if case .written(let answer, let write) = end {
        actions.append(.write(write))
        reply(place, reference, call, answer, at: now)
        return
      }
      if call.hasIntent { record(.called(reference, call.record), at: now) }
      perform(place, reference, call, since: now, at: now)
    }
  }

  /// A call that was under way when the server stopped, or that a person wants to be made again.
  private mutating func goOn(
    _ place: Int, _ reference: StepReference, _ call: ScriptCall, since: Timestamp, at now: Timestamp
  ) {
    switch HostFunctions.named(call.function)?.recording(of: call.arguments) {
    case .effect(inDoubt: .block):
      block(place, call.record, "the server stopped", at: now)
    default:
      perform(place, reference, call, since: since, at: now)
    }
  }

  private mutating func block(_ place: Int, _ call: CallRecord, _ reason: String, at now: Timestamp) {
    var failure = failure(
      place,
      "nobody can tell whether \(call.sentence) was carried out: \(reason); "
        + "look, then resume with --retry-step to make the call again, or --skip-step to \(walks[place].leaving)")
    failure.call = call.number
    actions.append(.cancelScript(application: walks[place].id, token: walks[place].token))
    leaveScript(place, .blocked(failure), at: now)
  }

  private mutating func diverge(_ place: Int, _ reference: StepReference, _ sentence: String, at now: Timestamp) {
    let failure = failure(
      place,
      "\(reference.step.title) does not do again what it did before the server stopped: \(sentence); "
        + "look, then resume with --skip-step to \(walks[place].leaving), or cancel the run")
    leaveScript(place, .blocked(failure), at: now)
  }

  private mutating func perform(
    _ place: Int, _ reference: StepReference, _ call: ScriptCall, since: Timestamp, at now: Timestamp
  ) {
    walks[place].performing[call.number] = call
    tellOpenCalls(place, at: now)
    if let caller = ScriptedCaller(reference, call.record) {
      guard let walk = places[caller.walk] else { return }
      walks[walk].arguments = call.arguments
      switch walks[walk].state {
      case .pending, .running: advance(walk, at: now)
      // It came to its end before the server stopped, or is being asked for anew.
      case .done, .failed, .skipped, .stopped, .blocked: answerCaller(of: walk, at: now)
      }
      return
    }
    let order = CallOrder(
      call: call, since: since, reference: reference, grants: grants, endpoints: call.isHTTP ? ownEndpoints : [])
    actions.append(.performCall(application: walks[place].id, token: walks[place].token, order))
  }

  mutating func performed(_ place: Int, _ number: Int, _ end: CallEnd, at now: Timestamp) {
    guard walks[place].activity == .script, let reference = walks[place].reference,
      let call = walks[place].performing.removeValue(forKey: number)
    else { return }
    tellOpenCalls(place, at: now)
    let isWanted = phase == .walking && !isStopping && walks[place].pendingEnd == nil
    let answer: HostAnswer
    switch end {
    case .answered(let given): answer = given
    case .written(let given, let write):
      answer = given
      actions.append(.write(write))
    case .undecided(let reason):
      if isWanted {
        block(place, call.record, reason, at: now)
      } else if !isStopping {
        endScript(place, at: now)
      }
      return
    }
    if isWanted {
      reply(place, reference, call, answer, at: now)
    } else {
      record(.answered(reference, call.record, answer), at: now)
      if !isStopping { endScript(place, at: now) }
    }
  }

  private mutating func reply(
    _ place: Int, _ reference: StepReference, _ call: ScriptCall, _ answer: HostAnswer, at now: Timestamp
  ) {
    record(.answered(reference, call.record, answer), at: now)
    actions.append(
      .answerCall(application: walks[place].id, token: walks[place].token, call: call.number, answer))
  }

  mutating func scriptEnded(_ place: Int, _ end: ScriptEnd, at now: Timestamp) {
    guard walks[place].activity == .script, let reference = walks[place].reference else { return }
    // It was ended because it is over.
    guard walks[place].pendingEnd == nil else { return }
    let output = walks[place].script.output
    var end = end
    // It had the answer before, and does not know that nothing was done for it.
    if end == .returned, walks[place].hasLostCall { end = .cancelled }
    switch end {
    case .suspended: break
    case .returned:
      walks[place].activity = .idle
      walks[place].waiting = nil
      var success = JournalEntry.Success()
      success.output = output.isEmpty ? nil : output
      succeed(place, success, at: now)
    case .failed(let failure):
      // A stopping server ends its scripts; they go on with the next one.
      guard !isStopping else { return }
      var run = self.failure(place, "\(reference.step.title): \(failure.description)")
      let tail = output + failure.trace.map { "  \($0)\n" }.joined()
      run.logTail = tail.isEmpty ? nil : tail
      leaveScript(place, .failed(run), at: now)
    case .diverged(let sentence):
      guard !isStopping else { return }
      diverge(place, reference, sentence, at: now)
    }
  }

  // MARK: Calls that work on an application

  /// The walk that a call was for is over: its script goes on, if it waits for it.
  mutating func answerCaller(of walk: Int, at now: Timestamp) {
    guard phase == .walking, !isStopping, let caller = walks[walk].caller, let place = places[caller.application],
      walks[place].activity == .script, walks[place].pendingEnd == nil, let reference = walks[place].reference,
      reference == caller.step, let call = walks[place].performing.removeValue(forKey: caller.call)
    else { return }
    tellOpenCalls(place, at: now)
    reply(place, reference, call, answer(of: walks[walk]), at: now)
  }

  /// Why a script does not go on is what the walk waits for that it has called for.
  mutating func tellCaller(of walk: Int, at now: Timestamp) {
    guard let caller = walks[walk].caller, let place = places[caller.application], walks[place].activity == .script,
      walks[place].performing[caller.call] != nil
    else { return }
    tellOpenCalls(place, at: now)
  }

  /// The cluster does not tell whether what a script has called for was done. Where its hook was left already, nobody asks
  /// any more.
  mutating func blockCaller(of walk: Int, _ reason: String, at now: Timestamp) {
    guard phase == .walking, !isStopping, let caller = walks[walk].caller, let place = places[caller.application],
      walks[place].state == .running, walks[place].pendingEnd == nil, walks[place].reference == caller.step,
      let call = walks[place].script.open[caller.call]?.record
    else { return }
    block(place, call, reason, at: now)
  }

  private func answer(of walk: ApplicationWalk) -> HostAnswer {
    if walk.state != .done {
      let failure = walk.failure
      let code: HostCallFailure.Code =
        switch failure?.cause {
        case .conflict: .conflict
        case .timeout: .timeout
        case .cluster: .unavailable
        case nil: .failed
        }
      return .failure(
        HostCallFailure(
          code, failure?.reason ?? "it was ended", retryable: code == .timeout || code == .unavailable,
          details: failure?.logTail.map { ["log": .string($0)] } ?? .null))
    }
    if walk.caller?.work == .destroy { return .result(.bool(walk.change == .destroyed)) }
    // Of one that has just been changed, nothing is known that would last.
    return .result(Self.handle(walk.clusterID, walk.caller?.work == .waitHealthy ? walk.live : nil))
  }

  /// An application as scripts hold it (`HostHandle.app`).
  static func handle(_ id: String, _ live: LiveApplication?) -> JSON {
    var handle: JSONObject = ["id": .string(id)]
    if let live {
      let running = live.tasks.filter { !$0.ports.isEmpty }
      let healthy = running.filter { $0.health.allSatisfy(\.isAlive) }
      let sick = running.filter { !$0.health.allSatisfy(\.isAlive) }
      handle["endpoints"] = .array((healthy + sick).map { .string("\($0.host):\($0.ports[0])") })
    }
    return .object(handle)
  }

  func definition(
    for caller: ScriptedCaller, _ walk: ApplicationWalk, _ seen: Observation
  ) -> Result<JSON, RunFailure> {
    switch caller.work {
    case .deploy:
      return .success(
        ScriptedWork.definition(
          walk.arguments?["spec"] ?? .null, id: walk.clusterID, stack: plan.stack.name, zone: plan.zone))
    case .scale, .restart:
      guard let live = seen.live else {
        return .failure(RunFailure(application: walk.id, reason: "there is no application \(walk.clusterID)"))
      }
      var body = seen.owner?.definition.objectValue ?? [:]
      let wanted = caller.work == .scale ? walk.arguments?["instances"] : nil
      body["instances"] = wanted ?? .integer(Int64(live.instances))
      return .success(.object(body))
    case .destroy, .waitHealthy: return .success(.null)
    }
  }

  // MARK: What the script sees

  private func scriptContext(_ place: Int, _ step: Step) -> JSON {
    let walk = walks[place]
    var run: JSONObject = ["id": .string(id.description), "stack": .string(plan.stack.name)]
    if !plan.zone.isEmpty { run["zone"] = .string(plan.zone) }
    var context: JSONObject = ["run": .object(run)]
    guard case .hook(let hook, let task, _) = step else { return .object(context) }
    context["hook"] = .string(hook.rawValue)
    context["app"] = Self.handle(walk.clusterID, step.seesApplication ? walk.live : nil)
    if let task { context["task"] = scriptedTask(walk, task) }
    return .object(context)
  }

  /// A script before a task may set what the task needs: what cannot be replaced yet is left out.
  private func scriptedTask(_ walk: ApplicationWalk, _ name: String) -> JSON {
    var seen: JSONObject = ["name": .string(name)]
    let task = walk.template?.tasks.first { $0.name == name }
    if let values = task?.knownParameters(resolvable) {
      seen["values"] = .object(JSONObject(values.map { ($0.key, .string($0.value)) }))
    }
    return .object(seen)
  }
}

extension Step {
  /// Whether a script that runs there sees where its application's tasks listen: not before it is launched.
  fileprivate var seesApplication: Bool {
    if case .hook(let hook, _, _) = self { hook != .beforeScheduler } else { false }
  }
}

extension ApplicationWalk {
  /// What it is to skip the script.
  fileprivate var leaving: String { operation == .run ? "end the run as it is" : "leave the hook" }
}

extension ScriptCall {
  /// Whether a walk of its own does the work.
  var isWalked: Bool { ScriptedWork(rawValue: function) != nil }

  /// Whether something happens outside.
  var hasEffect: Bool {
    if case .effect = HostFunctions.named(function)?.recording(of: arguments) { true } else { false }
  }

  /// Whether the journal has it before it is answered.
  var hasIntent: Bool {
    if case .wait = HostFunctions.named(function)?.recording(of: arguments) { true } else { hasEffect }
  }

  /// Whether something happens outside that ends by itself, or can be ended: its outcome is waited for before its script counts as ended.
  var isAwaited: Bool { hasEffect && !isWalked }

  /// Whether its answer depends on more than the run and its store.
  var mayTakeLong: Bool { hasIntent || isHTTP }

  /// Whether it is known from the start that a worker would be kept for longer, or that the script wants none kept.
  func outlasts(_ patience: Duration) -> Bool {
    // Only a person ends the waiting, which may take days.
    if isApproval { return true }
    guard function == "time.sleep" else { return false }
    return arguments["replay"]?.boolValue == true || (arguments.duration("duration") ?? .zero) > patience
  }

  var isApproval: Bool { function == "approval" }
  var isHTTP: Bool { function.hasPrefix("http.") }
  var isShell: Bool { function == Self.shell }
  var isDocuments: Bool { DocumentCall.functions.contains(function) }
  var isPut: Bool { function == "cassandra.put" }
  var isLog: Bool { function.hasPrefix("log.") }

  /// The answer that follows from the call, which is only written down: it needs no grant, and cannot fail.
  /// - Parameter end: what is known of it when it is made.
  func answerInAdvance(_ end: RunStateMachine.CallEnd?) -> HostAnswer? {
    if case .written(let answer, _) = end { return answer }
    return isLog || function == "vars.set" ? .result(.null) : nil
  }

  static let shell = "shell.run"
}
