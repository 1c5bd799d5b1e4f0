import JSON
import StackModel

/// What comparing a case's observations with the recorded ones gave.
struct CaseVerdicts {
  var passed = 0
  /// Differences by the id of the rule that accepts them.
  var differing: [CaseRule: Int] = [:]
  var wrong: [String] = []

  mutating func add(_ other: CaseVerdicts) {
    passed += other.passed
    differing.merge(other.differing, uniquingKeysWith: +)
    wrong += other.wrong
  }

  var summary: String {
    let differences = differing.sorted { $0.key.rawValue < $1.key.rawValue }.map { "\($0.key.rawValue) \($0.value)" }
    let count = differing.values.reduce(0, +)
    return "\(passed) passed, \(count) differing as documented"
      + (differences.isEmpty ? "" : " (\(differences.joined(separator: ", ")))")
      + (wrong.isEmpty ? "" : ", \(wrong.count) WRONG")
  }
}

extension CaseVerdicts {
  init(_ recorded: RecordedCase, _ observations: [Observation]) {
    var facts = CaseFacts(recorded)
    for observation in observations {
      var observation = observation
      observation.normalize()
      let rule: CaseRule?
      if let standing = facts.standing {
        rule = observation.agrees ? nil : standing
      } else {
        rule = observation.agrees ? nil : CaseRules.rule(for: observation, facts)
        if !observation.agrees, rule == nil {
          wrong.append(observation.description)
          facts.note(observation, nil)
          continue
        }
      }
      facts.note(observation, rule)
      if let rule { differing[rule, default: 0] += 1 } else { passed += 1 }
    }
  }
}

/// What is known of a case when one of its steps is judged.
struct CaseFacts {
  let recorded: RecordedCase
  /// Rules by which earlier steps were accepted.
  private(set) var rules: Set<CaseRule> = []
  /// Where the server itself did not start as it did there, the rule for all that follows.
  private(set) var standing: CaseRule?
  private(set) var isDev = false
  /// Stacks that were run before, each with its zone. With `--dev` the original refuses them from then on.
  private(set) var runs: [Set<String>] = []
  /// A run failed with us.
  private(set) var hasFailed = false
  /// The server was stopped.
  private(set) var hasStopped = false
  /// What each application of the case's stacks waits for, by ids.
  let dependencies: [String: Set<String>]

  init(_ recorded: RecordedCase) {
    self.recorded = recorded
    var dependencies: [String: Set<String>] = [:]
    for source in recorded.files.values {
      for (_, application) in StackDecoding(source).stack?.applications ?? [:] {
        dependencies[application.id, default: []].formUnion(application.dependencies)
      }
    }
    self.dependencies = dependencies
  }

  mutating func note(_ observation: Observation, _ rule: CaseRule?) {
    if let rule { rules.insert(rule) }
    let failed = CaseResult(observation.ours)?.ending == .failed
    switch observation.action {
    case .startServer(let arguments):
      isDev = arguments.contains("--dev")
      if let rule { standing = rule }
      if arguments.contains("--bootstrap") { standing = .bootstrap }
    case .stopServer: hasStopped = true
    default: break
    }
    guard let run = Self.run(observation.action) else { return }
    hasFailed = hasFailed || failed
    // It refuses some runs before it takes note of them.
    let text = CaseResult(observation.original)?.sentence ?? ""
    if !["does not exist", "not found", "name required", "layer"].contains(where: text.contains) { runs.append(run) }
  }

  /// Stack and zone of a run, as a set of named words.
  static func run(_ action: RecordedStep.Action) -> Set<String>? {
    switch action {
    case .command(let call):
      guard call.arguments.first == "run", call.arguments.count > 1 else { return nil }
      let zone = GoFlags(Array(call.arguments.dropFirst(2)))?["zone"] ?? ""
      return ["stack \(call.arguments[1])", "zone \(zone)"]
    case .request(_, "/run", let body):
      let json = try? JSON(parsing: body ?? "")
      return ["stack \(json?["name"]?.stringValue ?? "")", "zone \(json?["zone"]?.stringValue ?? "")"]
    default: return nil
    }
  }

  var hasRun: Bool { !runs.isEmpty }

  /// What would be scheduled was refused.
  var refusesSchedules: Bool { !rules.isDisjoint(with: [.laterRunOnce, .refusedOnAdd]) }

  /// A stack of the case inherits.
  var inherits: Bool {
    recorded.files.values.contains { !(StackDecoding($0).stack?.from ?? "").isEmpty }
  }

  /// Marathon is asked for more instances of an application than it then runs, or for none.
  var hasOtherCount: Bool {
    let script = recorded.surroundings["marathon"]
    return recorded.changes.contains { change in
      guard let count = change.body["instances"]?.intValue else { return false }
      let tasks = (script?["apps"]?[change.application] ?? script?["default"])?["tasks"]?.arrayValue
      let places = tasks ?? recorded.places[change.application]
      return count == 0 || count > places?.count ?? count
    }
  }

  /// The levels of the layers that the case adds.
  var levels: Set<String> {
    Set(
      recorded.steps.compactMap { step in
        guard case .command(let call) = step.action, call.arguments.first == "addlayer" else { return nil }
        return call.arguments.firstIndex(of: "--level").map { call.arguments[$0 + 1] } ?? "zone"
      })
  }

  /// The stack of this name as the case's files have it.
  func source(of name: String) -> Stack? {
    recorded.files.values.lazy.compactMap { StackDecoding($0).stack }.first { $0.name == name }
  }

  /// The agents changed in the course of the case.
  var hasChangedAgents: Bool {
    recorded.steps.contains { step in
      guard case .changeSurroundings(let script) = step.action else { return false }
      return script["mesos"]?["slaves"] != nil
    }
  }

  /// Whether one application waits for the other, directly or not.
  func depends(_ application: String, on other: String) -> Bool {
    var seen: Set<String> = []
    var open = [application]
    while let next = open.popLast() {
      for dependency in dependencies[next] ?? [] where seen.insert(dependency).inserted { open.append(dependency) }
    }
    return seen.contains(other)
  }
}

extension Observation {
  var agrees: Bool { original == ours }

  /// Takes out what says nothing: seconds that passed, keys, what only the original writes beside, and what we write to
  /// standard error where the original wrote nothing.
  mutating func normalize() {
    original = Self.normalized(original)
    ours = Self.normalized(ours)
    if case .command(_, _, let error) = original, error.isEmpty, case .command(let exit, let output, _) = ours {
      ours = .command(exit: exit, output: output, error: "")
    }
    if case .files(var files) = original {
      // Where the original keeps the id of its Mesos framework.
      files["stack-deploy.json"] = nil
      original = .files(files)
    }
    if case .files(let theirs) = original, case .files(var files) = ours {
      if theirs["ls.txt"] == nil { files["ls.txt"] = nil }
      ours = .files(files)
    }
  }

  private static func normalized(_ outcome: Outcome) -> Outcome {
    switch outcome {
    case .command(let exit, let output, let error):
      .command(
        exit: exit,
        output: output.replacing(#/Done in \S+/#, with: "Done in D").replacing(uuid, with: "{key}"), error: error)
    case .answer(let status, let text, let fields):
      .answer(status: status, text: text.replacing(uuid, with: "{key}"), fields: fields)
    case .changes(let changes): .changes(changes.map(\.withoutNulls))
    default: outcome
    }
  }

  private static var uuid: Regex<Substring> {
    #/[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/#
  }

  var description: String { "\(place): \(title)\n  original: \(original)\n  ours:     \(ours)" }
}

extension MarathonChange {
  /// Marathon takes `null` for what is absent. Keys are sorted: their order says nothing.
  var withoutNulls: MarathonChange {
    MarathonChange(method: method, path: path, body: Self.withoutNulls(body))
  }

  private static func withoutNulls(_ json: JSON) -> JSON {
    switch json {
    case .object(let object):
      .object(
        JSONObject(
          object.filter { !$0.value.isNull }.sorted { $0.key < $1.key }.map { ($0.key, withoutNulls($0.value)) }))
    case .array(let items): .array(items.map(withoutNulls))
    case .number(let number) where number == number.rounded() && abs(number) < 1e15: .integer(Int64(number))
    default: json
    }
  }
}
