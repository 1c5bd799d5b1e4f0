import JSON

@testable import StackModel

/// Judges differences: each rule looks at what was done, at both results and at what is known of the case, and accepts
/// nothing else.
enum CaseRules {
  static func rule(for observation: Observation, _ facts: CaseFacts) -> CaseRule? {
    switch (observation.original, observation.ours) {
    case (.server, .server): server(observation, facts)
    case (.alive, .alive(true)): .neverDies
    case (.files(let original), .files(let ours)): files(original, ours, facts)
    case (.changes(let original), .changes(let ours)): MarathonRules.rule(original, ours, facts)
    case (.command, .command): help(observation) ?? result(observation, facts)
    case (.answer, .answer): result(observation, facts)
    default: nil
    }
  }

  // MARK: The server

  private static func server(_ observation: Observation, _ facts: CaseFacts) -> CaseRule? {
    guard case .server(let served, let exit) = observation.original,
      case .server(let serves, let ourExit) = observation.ours
    else { return nil }
    if case .stopServer = observation.action { return exit == -15 && ourExit == 0 ? .terminated : nil }
    guard case .startServer(let arguments) = observation.action else { return nil }
    let script = facts.recorded.surroundings
    if arguments.contains("--bootstrap"), !served, serves || ourExit == 3 { return .bootstrap }
    if serves {
      guard !served else { return nil }
      if script["mesos"] != nil || arguments.contains(where: { $0.hasPrefix("http://127.0.0.1:15050") }) {
        return .mesosNotAsked
      }
      if arguments.contains("--cassandra") { return .laterCassandra }
      if arguments.contains("--dev") { return nil }
      return .noStorage
    }
    let mesos = ["--storage", "--framework.user", "--framework.name", "--framework.role", "--failover.timeout"]
    if arguments.contains(where: mesos.contains), ourExit == 2 { return .laterMesos }
    if served {
      let isBroken = script["marathon"]?["down"] != nil || script["marathon"]?["info"] != nil
      return isBroken && ourExit == 1 ? .marathonAtStart : nil
    }
    return exit == 2 && ourExit == 1 ? .startRefused : nil
  }

  // MARK: Files

  private static func files(
    _ original: [String: String], _ ours: [String: String], _ facts: CaseFacts
  ) -> CaseRule? {
    if !facts.rules.isDisjoint(with: [.laterTaskRunners, .laterRunOnce]) {
      return .laterTaskRunners
    }
    // Two runs at once: whose hook ends first.
    let sorted = { (files: [String: String]) in files.mapValues { $0.split(separator: "\n").sorted() } }
    return facts.recorded.hasBackground && sorted(original) == sorted(ours) ? .order : nil
  }

  // MARK: Help

  /// Usage and versions, on standard error; and `--help` in the place of a name.
  private static func help(_ observation: Observation) -> CaseRule? {
    guard case .command(let exit, let output, let error) = observation.original,
      case .command(let ourExit, let ourOutput, let ourError) = observation.ours,
      case .command(let call) = observation.action
    else { return nil }
    if call.arguments.count == 2, ["-h", "--help", "-help"].contains(call.arguments[1]) {
      return ourExit == 0 && ourError.contains("Usage: stack-deploy") ? .helpTexts : nil
    }
    guard !error.isEmpty, exit == ourExit, output == ourOutput, !ourError.isEmpty else { return nil }
    guard exit == 2 else { return .helpTexts }
    // The flag that is wrong is named as the original names it.
    let line = { (text: String) in String(text.prefix { $0 != "\n" }) }
    let complaint = line(error)
    let named =
      complaint.hasPrefix("invalid ")
      ? complaint.prefix(through: complaint.lastIndex(of: ":") ?? complaint.startIndex) : complaint[...]
    return line(ourError).hasPrefix(named) ? .helpTexts : nil
  }

  // MARK: Commands and requests

  private static func result(_ observation: Observation, _ facts: CaseFacts) -> CaseRule? {
    guard var original = CaseResult(observation.original), let ours = CaseResult(observation.ours) else { return nil }
    if facts.isDev, original.sentence == "Stack state already exists", let run = CaseFacts.run(observation.action) {
      // So the original ends each run that has succeeded, and refuses the next one before it does anything.
      if ours.ending == .succeeded || (ours.ending == .failed && facts.runs.contains(run)) { return .devRun }
      original.ending = .succeeded
    }
    switch (original.ending, ours.ending) {
    case (.dropped, .hung): return facts.hasStopped ? .serverAwaited : nil
    case (_, .dropped), (_, .hung): return nil
    case (.hung, _): return later(ours) ?? .neverHangs
    case (.dropped, _): return later(ours) ?? .neverDies
    case (.succeeded, .succeeded): return bothSucceeded(observation, original, ours, facts)
    case (.failed, .succeeded): return onlyWeSucceeded(observation, original, facts)
    case (.succeeded, .failed): return later(ours) ?? onlyWeFailed(observation, ours, facts)
    case (.failed, .failed): return bothFailed(observation, original, ours, facts)
    default: return nil
    }
  }

  /// A refusal of what comes with a later version.
  private static func later(_ ours: CaseResult) -> CaseRule? {
    if ours.sentence.contains("run-once, which runs on Mesos without Marathon; this version does not do that") {
      return .laterRunOnce
    }
    return ours.sentence.contains("No task runner available for application") ? .laterTaskRunners : nil
  }

  private static func bothSucceeded(
    _ observation: Observation, _ original: CaseResult, _ ours: CaseResult, _ facts: CaseFacts
  ) -> CaseRule? {
    switch name(of: observation) {
    case "show", "/get":
      if let rule = Shown.rule(ours.text, original.text) { return rule }
      if facts.isDev, !facts.hasRun, original.text.contains("\nfrom: ") { return .devFrom }
      return facts.isDev && facts.hasRun && isAsAdded(observation, ours, facts) ? .devStored : nil
    case "list", "/list": return facts.isDev && facts.hasRun ? .devStored : nil
    case "scheduled", "/scheduled": return facts.refusesSchedules ? .laterSchedules : nil
    default: return nil
    }
  }

  /// What we show is what was added: known where the stack inherits nothing.
  private static func isAsAdded(_ observation: Observation, _ ours: CaseResult, _ facts: CaseFacts) -> Bool {
    guard case .command(let call) = observation.action, let name = call.arguments.dropFirst().first,
      var source = facts.source(of: name), source.from.isEmpty, facts.levels.isEmpty
    else { return true }
    source.layer = StackDecoding(ours.text).stack?.layer ?? 0
    return Shown.ending(ours.text) == StackYAML.text(source)
  }

  private static func onlyWeSucceeded(
    _ observation: Observation, _ original: CaseResult, _ facts: CaseFacts
  ) -> CaseRule? {
    let text = original.sentence
    switch name(of: observation) {
    case "adduser": return text == "{key}" || (facts.isDev && text.isEmpty) ? .addUser : nil
    case "run", "/run":
      if text.contains("Marathon API error: An app with id ["), text.hasSuffix("] already exists.") { return .runAgain }
      if let names = unresolved(text), names.allSatisfy({ text.contains("\"\($0)\": ") }) { return .variables }
      if text.contains("Failed to await"), text.prefix(while: { $0 != ":" }).contains(where: "?%#".contains) {
        return .oddIDs
      }
      if facts.isDev, facts.inherits, text.hasPrefix("Invalid application ") { return .devFrom }
      if text.contains("Failed to await"), facts.hasOtherCount { return .healthyAll }
      if text.contains("_scheduler.sh: no such file or directory") { return .oddIDs }
      if text.hasPrefix("invalid character"), text.hasSuffix("looking for beginning of value") { return .mesosNotAsked }
      return nil
    default: return nil
    }
  }

  private static func onlyWeFailed(_ observation: Observation, _ ours: CaseResult, _ facts: CaseFacts) -> CaseRule? {
    switch name(of: observation) {
    case "add", "addlayer": return ours.text.contains(": error: ") ? .refusedOnAdd : nil
    case "/createstack", "/createlayer": return ours.code == 422 ? .refusedOnAdd : nil
    case "scheduled": return facts.refusesSchedules ? .laterSchedules : nil
    case "show", "/get", "run", "/run":
      let sentence = ours.sentence
      if sentence.contains("have the same id") { return .idsOnce }
      if sentence.contains("variables that contain each other") { return .circles }
      if sentence.contains("belongs to stack"), facts.recorded.hasBackground { return .runAgain }
      let isUnhealthy = sentence.contains("not healthy after") || sentence.contains("Failed to await")
      if isUnhealthy, facts.hasOtherCount { return .healthyAll }
      let isMissing = ours.sentence.contains("there is no stack") || ours.sentence.contains("Stack does not exist")
      return isMissing && facts.rules.contains(.refusedOnAdd) ? .refusedOnAdd : nil
    default: return nil
    }
  }

  private static func bothFailed(
    _ observation: Observation, _ original: CaseResult, _ ours: CaseResult, _ facts: CaseFacts
  ) -> CaseRule? {
    if let rule = later(ours) { return rule }
    switch observation.original {
    case .command:
      guard original.code == ours.code else { return nil }
      if original.text.contains("Undefined API url."), ours.sentence.contains("127.0.0.1:4200") {
        return .defaultAddress
      }
      return original.lead == ours.lead && !ours.sentence.isEmpty ? .errorWords : nil
    case .answer(_, _, let fields):
      guard case .answer(let status?, _, let ourFields) = observation.ours, fields == ourFields,
        [400, 401, 403, 404, 409, 422, 502, 504].contains(status)
      else { return nil }
      if original.text == ours.text { return .errorStatus }
      return !ours.sentence.isEmpty ? .errorWords : nil
    default: return nil
    }
  }

  /// The variables that the original could not resolve, read from its text.
  private static func unresolved(_ text: String) -> [String]? {
    guard let start = text.firstRange(of: "Unresolved variable "),
      let end = text.firstRange(of: ". Available variables:")
    else {
      return nil
    }
    return text[start.upperBound..<end.lowerBound].matches(of: #/\$\{([^{}]*)\}/#).map { String($0.1) }
  }

  /// `run`, or `/run`.
  private static func name(of observation: Observation) -> String {
    switch observation.action {
    case .command(let call): call.arguments.first ?? ""
    case .request(_, let path, _): path
    default: ""
    }
  }
}
