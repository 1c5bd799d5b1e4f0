import Concurrency
import ScriptHost
import StackModel
import Store

/// The steps that run something outside the cluster: hooks and tasks; and the variables that applications hand on.
extension RunStateMachine {
  mutating func performHook(
    _ place: Int, _ reference: StepReference, _ hook: HookPlace, _ lines: [String], at now: Timestamp
  ) {
    switch walks[place].stage {
    case .fresh, .begun:
      if let denial = grants.denial(of: .shell) {
        fail(place, failure(place, "hook \(reference.step.name) is not run: \(denial)"), at: now)
        return
      }
      guard let job = hookJob(place, reference, hook, lines, at: now) else { return }
      record(.intent(reference, .hook(job.key)), at: now)
      let token = walks[place].start(.hook(job.key))
      setWaiting(place, .hook, at: now)
      actions.append(.startHook(application: walks[place].id, token: token, job))
    case .intended(.hook(let key)):
      let token = walks[place].start(.hook(key))
      setWaiting(place, .hook, at: now)
      actions.append(.findHook(application: walks[place].id, token: token, key))
    case .intended: break
    }
  }

  /// The hook with its variables replaced; fails the application where that cannot be done.
  private mutating func hookJob(
    _ place: Int, _ reference: StepReference, _ hook: HookPlace, _ lines: [String], at now: Timestamp
  ) -> HookJob? {
    switch shellScript(lines, walks[place], hook) {
    case .failure(let failure):
      fail(place, failure, at: now)
      return nil
    case .success(let script):
      return HookJob(
        key: HookKey(run: id, reference), script: script, title: "\(walks[place].id) \(reference.step.name)")
    }
  }

  mutating func hookReported(_ place: Int, _ report: HookReport, at now: Timestamp) {
    guard case .hook(let key) = walks[place].activity, let reference = walks[place].reference,
      case .hook(let hook, _, let part) = reference.step
    else { return }
    walks[place].activity = .idle
    walks[place].waiting = nil
    switch report {
    case .absent:
      // The server ended between the intent and the start: nothing ran.
      guard phase == .walking, !isStopping, case .shell(let lines) = hookPart(walks[place], hook, part),
        let job = hookJob(place, reference, hook, lines, at: now)
      else { return }
      let token = walks[place].start(.hook(key))
      setWaiting(place, .hook, at: now)
      actions.append(.startHook(application: walks[place].id, token: token, job))
    case .unknown(let text):
      guard phase == .walking, !isStopping else { return }
      let reason =
        "nobody can tell whether hook \(reference.step.name) did its work: \(text); "
        + "look, then resume with --retry-step or --skip-step"
      block(place, reason, at: now)
    case .notStarted(let text):
      fail(place, failure(place, "hook \(reference.step.name) could not be started: \(text)"), at: now)
    case .ended(let result):
      hookEnded(place, reference, result, at: now)
    }
  }

  private mutating func hookEnded(
    _ place: Int, _ reference: StepReference, _ result: HookResult, at now: Timestamp
  ) {
    let tail = result.outputTail.isEmpty ? nil : result.outputTail
    switch result.status {
    case .exited(0):
      var success = JournalEntry.Success()
      success.output = tail
      succeed(place, success, at: now)
    case .exited(let status):
      hookFailed(
        place, "hook \(reference.step.name) exited with status \(status)", "exit status \(status)", tail, at: now)
    case .signalled(let signal):
      hookFailed(
        place, "hook \(reference.step.name) was ended by signal \(signal)", "signal: \(signalName(signal))", tail,
        at: now)
    case .cancelled:
      if phase == .ending {
        record(.outcome(reference, .failed(failure(place, "hook \(reference.step.name) was cancelled"))), at: now)
      } else {
        hookFailed(place, "hook \(reference.step.name) was cancelled", nil, tail, at: now)
      }
    }
  }

  private mutating func hookFailed(
    _ place: Int, _ reason: String, _ originalText: String?, _ tail: String?, at now: Timestamp
  ) {
    var failure = failure(place, reason, originalText: originalText)
    failure.logTail = tail
    fail(place, failure, at: now)
  }

  /// As Go prints it, for the original's text.
  private func signalName(_ signal: Int32) -> String {
    switch signal {
    case 1: "hangup"
    case 2: "interrupt"
    case 3: "quit"
    case 6: "aborted"
    case 9: "killed"
    case 11: "segmentation fault"
    case 13: "broken pipe"
    case 14: "alarm clock"
    case 15: "terminated"
    default: "signal \(signal)"
    }
  }

  // MARK: Variables

  mutating func performFill(_ place: Int, at now: Timestamp) {
    if walks[place].live != nil {
      fill(place, at: now)
      return
    }
    let token = walks[place].start(.reading)
    actions.append(
      .observe(ObservationOrder(application: walks[place].id, clusterID: walks[place].clusterID, token: token)))
  }

  /// `<id>.host`, `<id>.port0`… and `<id>.api` from the first task, then what the type's runner adds.
  mutating func fill(_ place: Int, at now: Timestamp) {
    let walk = walks[place]
    let tasks = walk.live?.tasks ?? []
    let type = walk.template?.type ?? ""
    if runnerTypes.contains(type) {
      guard !tasks.isEmpty else {
        fail(place, failure(place, "Task is not running", originalText: "Task is not running"), at: now)
        return
      }
      let token = walks[place].start(.filling)
      actions.append(.fill(application: walk.id, token: token, type: type, tasks: tasks))
    } else {
      handOn(place, [:], at: now)
    }
  }

  mutating func filled(
    _ place: Int, _ result: Result<OrderedMap<String>, TaskRunnerError>, at now: Timestamp
  ) {
    guard walks[place].activity == .filling else { return }
    walks[place].activity = .idle
    switch result {
    case .success(let added): handOn(place, added, at: now)
    case .failure(let error):
      var failure = failure(place, error.message, originalText: error.message)
      failure.logTail = error.logTail
      fail(place, failure, at: now)
    }
  }

  private mutating func handOn(_ place: Int, _ added: OrderedMap<String>, at now: Timestamp) {
    let id = walks[place].id
    var variables: OrderedMap<String> = [:]
    if let task = walks[place].live?.tasks.first {
      variables["\(id).host"] = task.host
      for (index, port) in task.ports.enumerated() { variables["\(id).port\(index)"] = String(port) }
      if let port = task.ports.first { variables["\(id).api"] = "http://\(task.host):\(port)" }
    }
    for (name, value) in added { variables[name] = value }
    if !variables.isEmpty { record(.variables(application: id, variables), at: now) }
    succeed(place, .init(), at: now)
  }

  // MARK: Tasks

  mutating func performTask(_ place: Int, _ reference: StepReference, _ name: String, at now: Timestamp) {
    switch walks[place].stage {
    case .fresh, .begun:
      switch taskJob(walks[place], name) {
      case .failure(let failure): fail(place, failure, at: now)
      case .success(let job):
        record(.intent(reference, .task), at: now)
        let token = walks[place].start(.task)
        setWaiting(place, .task, at: now)
        actions.append(
          .runTask(application: walks[place].id, token: token, type: walks[place].template?.type ?? "", job))
      }
    case .intended:
      block(
        place,
        "nobody can tell whether task \(name) did its work before the server stopped; "
          + "look, then resume with --retry-step or --skip-step", at: now)
    }
  }

  mutating func taskEnded(
    _ place: Int, _ result: Result<OrderedMap<String>, TaskRunnerError>, at now: Timestamp
  ) {
    guard walks[place].activity == .task else { return }
    walks[place].activity = .idle
    walks[place].waiting = nil
    switch result {
    case .success(let added):
      if !added.isEmpty { record(.variables(application: walks[place].id, added), at: now) }
      succeed(place, .init(), at: now)
    case .failure(let error):
      var failure = failure(place, error.message, originalText: error.message)
      failure.logTail = error.logTail
      fail(place, failure, at: now)
    }
  }
}

extension HookKey {
  /// `<run>/<application>/<place>[.<part>][/<task>]/<attempt>`.
  init(run: RunID, _ reference: StepReference) {
    var parts = [String(run.number), reference.application]
    switch reference.step {
    case .hook(let place, let task, let part):
      parts += [place.rawValue + (part.map { ".\($0)" } ?? "")] + (task.map { [$0] } ?? [])
    default: parts.append(reference.step.name)
    }
    parts.append(String(reference.attempt))
    self.init(text: parts.map(Self.coded).joined(separator: "/"))
  }

  /// The command that a script's call runs: `/call-<number>-<time>` below the step's. The time is that of its intent, so that a call that
  /// a person wants to be made again has another key, and one that is taken up the same.
  init(run: RunID, _ reference: StepReference, call: Int, since: Timestamp) {
    self.init(text: "\(HookKey(run: run, reference))/call-\(call)-\(since.millisecondsSinceEpoch)")
  }

  /// Percent-coded so that it can name a folder, whatever the author wrote; a part of dots alone would name another one.
  private static func coded(_ part: String) -> String {
    let isDots = part.utf8.allSatisfy { $0 == UInt8(ascii: ".") }
    var text = ""
    for byte in part.utf8 {
      let isPlain =
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
          UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "_"):
          true
        case UInt8(ascii: "."): !isDots
        default: false
        }
      if isPlain {
        text.unicodeScalars.append(Unicode.Scalar(byte))
      } else {
        let digits = String(byte, radix: 16, uppercase: true)
        text += "%" + (digits.utf8.count == 1 ? "0" : "") + digits
      }
    }
    return text
  }
}
