import JSON
import Testing

@testable import StackModel

/// Vectors about one application: how it is read, how its variables are replaced, how many instances it has, and what
/// Marathon gets.
@Suite struct ApplicationVectors {
  @Test func instancesAreCountedAsInTheOriginal() throws {
    try checkVectors("instances", verdict: Self.instances)
  }

  @Test func variablesAreReplacedAsInTheOriginal() throws {
    try checkVectors("resolve", verdict: Self.resolve)
  }

  @Test func marathonGetsWhatTheOriginalSends() throws {
    try checkVectors("marathon", verdict: Self.marathon)
  }

  static func instances(_ vector: Vector) throws -> Verdict {
    let count = try vector.application().instanceCount(in: vector.cluster)
    return compare("\(count)", with: vector.output["n"]?.text ?? vector.output.text)
  }

  static func resolve(_ vector: Vector) throws -> Verdict {
    let application = try vector.application()
    let ours: Application
    do {
      ours = try application.substituting(vector.variables, for: Application.SubstitutionStage.allCases)
    } catch {
      return CompatibilityRules.refusedVariables(error, original: vector.output) ?? .wrong("\(error)")
    }
    let original = try Vector.application(vector.output["out"]?.stringValue ?? "")
    if ours.isWritten(like: original) { return .equal }
    if vector.variables.areNested {
      // The original may have stopped early, by chance. What it left over, replaced once more, must give ours.
      let again = try original.substituting(vector.variables, for: Application.SubstitutionStage.allCases)
      if ours.isWritten(like: again) { return .differing(rule: "resolve-nested") }
    }
    return .wrong("ours:     \(ours)\noriginal: \(original)")
  }

  static func marathon(_ vector: Vector) throws -> Verdict {
    let application: Application
    do {
      application = try vector.application().substituting(vector.variables, for: [.launch])
    } catch let error as SubstitutionError {
      return CompatibilityRules.refusedVariables(error, original: vector.output) ?? .wrong("\(error)")
    }
    let body = MarathonDefinition.body(
      of: application, stack: vector.variables.lookup("stack")?.value ?? "",
      zone: vector.variables.lookup("zone")?.value ?? "", instances: try application.instanceCount(in: vector.cluster))
    let ours = JSON.object(body)
    let original = (vector.output["json"] ?? vector.output).withoutNulls
    if ours.isEquivalent(to: original) { return .equal }
    let (sameOrder, rules) = CompatibilityRules.inOurOrder(original, ours, of: application)
    if !rules.isEmpty, ours.isEquivalent(to: sameOrder) { return .differing(rule: rules.joined(separator: "+")) }
    return .wrong("ours:     \(ours.text)\noriginal: \(original.text)")
  }
}

extension Vector {
  /// The application of the input.
  func application() throws -> Application {
    try Self.application(input["yaml"]?.stringValue ?? "")
  }

  /// Reads the YAML of an application: flow or block, put below a key.
  static func application(_ yaml: String) throws -> Application {
    let lines = yaml.split(separator: "\n", omittingEmptySubsequences: false).map { "    " + $0 }
    let decoding = StackDecoding("applications:\n  a:\n" + lines.joined(separator: "\n"))
    return try #require(decoding.stack?.applications["a"], "\(decoding.diagnostics)")
  }

  var variables: Variables {
    var variables = Variables()
    for (name, value) in input["vars"]?.objectValue ?? [:] { variables.arbitrary[name] = value.stringValue ?? "" }
    return variables
  }

  /// What the input says of the master's state.
  var cluster: ClusterSnapshot {
    let state = input["state"]
    let agents = (state?["slaves"]?.arrayValue ?? []).map { slave in
      var attributes: [String: String] = [:]
      for (name, value) in slave["attributes"]?.objectValue ?? [:] { attributes[name] = value.stringValue }
      return ClusterSnapshot.Agent(hostname: slave["hostname"]?.stringValue ?? "", attributes: attributes)
    }
    return ClusterSnapshot(agents: agents, activatedCount: Int(state?["activated_slaves"]?.intValue ?? 0))
  }
}

extension Variables {
  /// Whether a value contains a variable.
  fileprivate var areNested: Bool {
    names.contains { lookup($0)?.value.contains("${") ?? false }
  }
}

extension Application {
  /// Whether both are the same once they are written: what the writing does not keep is left out, and numbers have the
  /// 32 bits with which the original writes them.
  fileprivate func isWritten(like other: Application) -> Bool {
    written == other.written
  }

  private var written: Application {
    var written = self
    written.emptyLists = []
    written.unset = []
    written.cpu = Double(Float(cpu))
    written.mem = Double(Float(mem))
    for map in [\Application.env, \.scheduler] {
      let keys = self[keyPath: map].keys.sorted()
      written[keyPath: map] = OrderedMap(keys.map { ($0, self[keyPath: map][$0] ?? "") })
    }
    written.tasks = tasks.map { task in
      // Names of parameters have no order in the original's text.
      guard let parameters = task.parameters else { return task }
      return ApplicationTask(
        task.name,
        parameters.keys.sorted().map { .init(key: .string($0), value: .string(parameters[$0] ?? "")) })
    }
    return written
  }
}

extension JSON {
  /// Members that are null, deeply, left out: we send none.
  fileprivate var withoutNulls: JSON {
    switch self {
    case .array(let items): return .array(items.map(\.withoutNulls))
    case .object(let object):
      var kept = JSONObject()
      for (key, value) in object where value != .null { kept[key] = value.withoutNulls }
      return .object(kept)
    default: return self
    }
  }
}
