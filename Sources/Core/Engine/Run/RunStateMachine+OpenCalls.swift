import Concurrency
import JSON
import ScriptHost
import StackModel
import Store

/// The calls of a script that have no answer yet: one, or those of the branches of `parallel`.
extension RunStateMachine {
  // MARK: What is waited for

  /// Says for what a script waits.
  mutating func tellOpenCalls(_ place: Int, at now: Timestamp) {
    let calls = walks[place].performing.values.sorted { $0.number < $1.number }
    let approvals = walks[place].approvalsAwaited
    if calls.isEmpty {
      setWaiting(place, .hook, at: now)
    } else if approvals.count == calls.count {
      setWaiting(place, .approval(approvals.joined(separator: ", ")), at: now)
    } else {
      // What a person has to do comes first.
      let ordered = calls.filter(\.isApproval) + calls.filter { !$0.isApproval }
      setWaiting(place, .call(Self.shortened(ordered.map { sentence(of: $0, place) })), at: now)
    }
  }

  /// `wait_healthy /a: 1 of 1 instance fails the health check`
  private func sentence(of call: ScriptCall, _ place: Int) -> String {
    if let name = call.approvalName { return "approval \(name)" }
    guard let reference = walks[place].reference, let caller = ScriptedCaller(reference, call.record),
      let walk = places[caller.walk].map({ walks[$0] })
    else { return call.record.summary }
    let before = unmetDependencies(of: walk)
    let reason = walk.waiting?.sentence ?? (before.isEmpty ? nil : "waits for the call before it")
    return reason.map { "\(caller.work.rawValue) \(walk.clusterID): \($0)" } ?? call.record.summary
  }

  /// The first of several sentences, and how many more there are.
  static func shortened(_ calls: [String]) -> String {
    let shown = 3
    guard calls.count > 1 else { return calls.first ?? "" }
    let longest = 160
    var parts = calls.prefix(shown).map { $0.count > longest ? $0.prefix(longest) + "…" : $0 }
    let more = calls.count - shown
    if more > 0 { parts.append("and \(more) more call\(more == 1 ? "" : "s")") }
    return parts.joined(separator: "; ")
  }

  mutating func approved(_ name: String, by user: String, at now: Timestamp) {
    guard phase == .walking, !isStopping else { return }
    for place in walks.indices {
      let answered = walks[place].performing.values.filter { $0.approvalName == name }.map(\.number).sorted()
      for number in answered {
        performed(place, number, .answered(.result(["by": .string(user), "at": .string(now.description)])), at: now)
      }
    }
  }

  // MARK: Ends

  /// The script is gone, or asked to go. What it has called for has its outcome before that counts; commands are ended where nobody is to take them up.
  mutating func leaveScript(_ place: Int, _ end: ApplicationWalk.PendingEnd, at now: Timestamp) {
    walks[place].pendingEnd = end
    // A command goes on by itself, and is taken up when the script is.
    if case .failed = end { actions += commandKeys(place).map { .cancelHook($0) } }
    endScript(place, at: now)
  }

  /// Ends a script as soon as what it has called for has its outcome.
  mutating func endScript(_ place: Int, at now: Timestamp) {
    let isBlocked = if case .blocked = walks[place].pendingEnd, phase == .walking { true } else { false }
    guard !walks[place].performing.values.contains(where: { $0.isAwaited && !(isBlocked && $0.isShell) }) else {
      if cancelledBy != nil { actions += commandKeys(place).map { .cancelHook($0) } }
      return
    }
    guard let end = walks[place].pendingEnd else {
      actions.append(.cancelScript(application: walks[place].id, token: walks[place].token))
      return
    }
    walks[place].activity = .idle
    walks[place].waiting = nil
    walks[place].performing = [:]
    walks[place].pendingEnd = nil
    switch end {
    case .failed(let failure) where phase == .walking: fail(place, failure, at: now)
    case .failed(let failure):
      if let reference = walks[place].reference { record(.outcome(reference, .failed(failure)), at: now) }
    case .blocked(let failure):
      if phase == .walking { block(place, failure, at: now) }
    }
  }

  /// Commands that a script has called for and that have no outcome yet.
  func commandKeys(_ place: Int) -> [HookKey] {
    guard let reference = walks[place].reference else { return [] }
    return walks[place].script.open.values.filter { $0.record.function == ScriptCall.shell }
      .sorted { $0.record.number < $1.record.number }
      .map { HookKey(run: id, reference, call: $0.record.number, since: $0.since) }
  }

  /// Nobody takes the outcome any more of what a script has called for. What changes the cluster at this moment comes to its end.
  mutating func stopCalls(of place: Int, at now: Timestamp) {
    guard let reference = walks[place].reference else { return }
    actions += commandKeys(place).map { .cancelHook($0) }
    for open in walks[place].script.open.values.sorted(by: { $0.record.number < $1.record.number }) {
      guard let walk = ScriptedCaller(reference, open.record).flatMap({ places[$0.walk] }), !walks[walk].isOver,
        !walks[walk].activity.isEffect
      else { continue }
      walks[walk].activity = .idle
      record(.applicationState(application: walks[walk].id, .stopped, nil), at: now)
    }
  }
}

extension ApplicationWalk {
  /// The names of the approvals that its script waits for, in the order in which it has asked for them.
  var approvalsAwaited: [String] {
    guard activity == .script else { return [] }
    return performing.values.sorted { $0.number < $1.number }.compactMap(\.approvalName)
  }
}

extension ScriptCall {
  fileprivate var approvalName: String? { isApproval ? arguments.string("name") : nil }
}
