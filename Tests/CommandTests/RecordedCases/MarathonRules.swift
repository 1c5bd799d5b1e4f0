import JSON

/// Judges what Marathon was sent: for each application what it was sent in turn, and who came before whom.
enum MarathonRules {
  /// Rules by which a step was accepted in which we do less than the original, or more.
  private static let fewer: [CaseRule] = [
    .laterRunOnce, .laterTaskRunners, .bootstrap, .refusedOnAdd, .neverHangs, .neverDies, .idsOnce, .circles,
  ]
  private static let more: [CaseRule] = [
    .variables, .oddIDs, .mesosNotAsked, .neverDies, .neverHangs, .runAgain, .devRun, .marathonAtStart,
  ]

  /// The rule for the first application that differs; chance counts last.
  static func rule(_ original: [MarathonChange], _ ours: [MarathonChange], _ facts: CaseFacts) -> CaseRule? {
    guard isOrderRight(ours, facts) else { return nil }
    var found = CaseRule.order
    for application in Set((original + ours).map(\.application)).sorted() {
      let theirs = original.filter { $0.application == application }
      let mine = ours.filter { $0.application == application }
      switch verdict(application, theirs, mine, facts) {
      case .equal: break
      case .differing(let rule): if found == .order { found = rule }
      case .wrong: return nil
      }
    }
    return found
  }

  private enum Verdict {
    case equal
    case differing(CaseRule)
    case wrong
  }

  private static func verdict(
    _ application: String, _ original: [MarathonChange], _ ours: [MarathonChange], _ facts: CaseFacts
  ) -> Verdict {
    if original == ours { return .equal }
    let isInOrder = zip(original, ours).map { isSame($0.body, $1.body) }
    if original.count == ours.count, isInOrder.allSatisfy({ $0 }) { return .differing(.order) }
    let script = facts.recorded.surroundings["marathon"]
    let post = (script?["apps"]?[application] ?? script?["default"])?["post"]
    if post?["status"]?.intValue == 409, original.count == 1, ours.allSatisfy({ $0 == original.first }) {
      return .differing(.conflictRetried)
    }
    if original.isEmpty, let status = refusals(facts).max(), status >= 500 { return .differing(.failureInDoubt) }
    if facts.hasChangedAgents, original.count == ours.count,
      zip(original, ours).allSatisfy({ isSame(withoutInstances($0.body), withoutInstances($1.body)) })
    {
      return .differing(.agentsFresh)
    }
    if ours.isEmpty, let rule = fewer.first(where: facts.rules.contains) { return .differing(rule) }
    // What is independent of a failure starts before it is known, or not.
    if ours.isEmpty, facts.hasFailed { return .differing(.order) }
    if original.isEmpty, let rule = more.first(where: facts.rules.contains) { return .differing(rule) }
    // A later run of what is there already: there a second POST that Marathon refuses, here an update or nothing.
    if let mine = ours.first, original.contains(where: { $0.method == mine.method && isSame($0.body, mine.body) }),
      original.count > 1 || facts.rules.contains(.runAgain), ours.dropFirst().allSatisfy({ $0.method == "PUT" })
    {
      return .differing(.runAgain)
    }
    if original.count == ours.count {
      let pairs = zip(original, ours)
      if pairs.allSatisfy({ isSame(cut($0.body), cut($1.body)) }) { return .differing(.precision) }
      if facts.inherits, pairs.allSatisfy({ isSame(withoutUnmerged($0.body), withoutUnmerged($1.body)) }) {
        return .differing(.mergeAllFields)
      }
    }
    if facts.isDev, !ours.isEmpty, facts.inherits { return .differing(.devFrom) }
    // With a second run the first one's variables and layers are still there.
    if facts.isDev, facts.runs.count > 1, original.count == ours.count || (ours.isEmpty && !facts.levels.isEmpty) {
      return .differing(.devStored)
    }
    if facts.isDev, facts.levels == ["zone", "cluster"], original.count == ours.count { return .differing(.layers) }
    return .wrong
  }

  /// The statuses by which Marathon refuses applications in this case.
  private static func refusals(_ facts: CaseFacts) -> [Int] {
    let script = facts.recorded.surroundings["marathon"]
    let scripts = [script?["default"]] + (script?["apps"]?.objectValue?.values ?? [])
    return scripts.compactMap { $0?["post"]?["status"]?.intValue }
  }

  private static func cut(_ body: JSON) -> JSON {
    var members = body.objectValue ?? [:]
    for key in ["cpus", "mem"] { members[key] = members[key]?.doubleValue.map { .number(Double(Float($0))) } }
    return .object(members)
  }

  /// Without what comes of the fields that the original never merges.
  private static func withoutUnmerged(_ body: JSON) -> JSON {
    var members = body.objectValue ?? [:]
    for key in ["instances", "constraints", "args", "env", "container"] { members[key] = nil }
    return .object(members)
  }

  private static func withoutInstances(_ body: JSON) -> JSON {
    var members = body.objectValue ?? [:]
    members["instances"] = nil
    return .object(members)
  }

  /// Equal but for what the original orders by chance: flags, labels, parameters.
  private static func isSame(_ original: JSON, _ ours: JSON) -> Bool {
    guard var body = original.objectValue, let mine = ours.objectValue else { return original == ours }
    if let theirs = body["cmd"]?.stringValue, let our = mine["cmd"]?.stringValue, flags(theirs) == flags(our) {
      body["cmd"] = mine["cmd"]
    }
    if var environment = body["env"]?.objectValue, let theirs = environment["STACK_LABELS"]?.stringValue,
      let our = mine["env"]?["STACK_LABELS"]?.stringValue,
      theirs.split(separator: ";").sorted() == our.split(separator: ";").sorted()
    {
      environment["STACK_LABELS"] = .string(our)
      body["env"] = .object(environment)
    }
    if var container = body["container"]?.objectValue, var docker = container["docker"]?.objectValue,
      let theirs = docker["parameters"]?.arrayValue, let our = mine["container"]?["docker"]?["parameters"]?.arrayValue,
      theirs.map(\.text).sorted() == our.map(\.text).sorted()
    {
      docker["parameters"] = .array(our)
      container["docker"] = .object(docker)
      body["container"] = .object(container)
    }
    return JSON.object(body).isEquivalent(to: ours)
  }

  /// The command and its flags, sorted.
  private static func flags(_ command: String) -> [String] {
    var parts = command.components(separatedBy: " --")
    let start = parts.removeFirst()
    return [start] + parts.sorted()
  }

  /// Whether no application comes before one that it waits for.
  private static func isOrderRight(_ changes: [MarathonChange], _ facts: CaseFacts) -> Bool {
    let order = changes.map(\.application)
    return order.indices.allSatisfy { place in
      order[(place + 1)...].allSatisfy { later in later == order[place] || !facts.depends(order[place], on: later) }
    }
  }
}

extension String {
  fileprivate func components(separatedBy separator: String) -> [String] {
    split(separator: separator, omittingEmptySubsequences: false).map(String.init)
  }
}
