import JSON
import Testing

/// What the rules accept, and what not: an outcome of the original beside one of ours.
@Suite struct CaseRulesTests {
  private struct Pair {
    var call: [String]
    var original: (exit: Int?, text: String)
    var ours: (exit: Int?, text: String)

    init(_ call: [String], _ original: (Int?, String), _ ours: (Int?, String)) {
      self.call = call
      self.original = original
      self.ours = ours
    }
  }

  private static func facts(
    dev: Bool = true, script: JSON = [:], files: JSON = [:], after earlier: [CaseRule] = []
  ) throws -> CaseFacts {
    var facts = CaseFacts(
      try RecordedCase(["name": "x", "steps": [], "files": files, "fake": ["marathon": script]]))
    facts.note(
      Observation(
        place: "", title: "", action: .startServer(arguments: dev ? ["server", "--dev"] : ["server"]),
        original: .none, ours: .none), nil)
    for rule in earlier {
      facts.note(Observation(place: "", title: "", action: .other, original: .none, ours: .none), rule)
    }
    return facts
  }

  private static func rule(_ pair: Pair, _ facts: CaseFacts) -> CaseRule? {
    var observation = Observation(
      place: "", title: "",
      action: .command(
        RecordedStep.CommandCall(arguments: pair.call, environment: [:], isInBackground: false, limit: nil)),
      original: .command(exit: pair.original.exit, output: pair.original.text, error: ""),
      ours: .command(exit: pair.ours.exit, output: pair.ours.text, error: "progress\n"))
    observation.normalize()
    return observation.agrees ? nil : CaseRules.rule(for: observation, facts)
  }

  private static let started = "Running stack m\n"
  private static let done = "Running stack m\nDone in 1m5s\n"
  private static func failed(_ sentence: String) -> String { "\(started)ERROR running client request: \(sentence)\n" }

  @Test func whatWorksHereAndDidNotThere() throws {
    let facts = try Self.facts()
    let run = ["run", "m"]
    for (text, rule) in [
      ("Stack state already exists\n", CaseRule.devRun),
      ("a: Marathon API error: An app with id [/a] already exists.\n", .runAgain),
      ("a: Unresolved variable ${v}. Available variables:\n{\n  \"v\": \"1\"\n}\n", .variables),
      ("x?y: Failed to await until the task is running and healthy within 0 retries\n", .oddIDs),
      ("Post \"http://127.0.0.1:14201/run\": EOF", .neverDies),
    ] {
      #expect(Self.rule(Pair(run, (1, Self.failed(text)), (0, Self.done)), facts) == rule, "\(text)")
    }
    #expect(Self.rule(Pair(run, (nil, Self.started), (0, Self.done)), facts) == .neverHangs)
    #expect(
      Self.rule(Pair(["adduser"], (1, "ERROR: \(Self.key)\n"), (0, "User added. Key: \(Self.key)\n")), facts)
        == .addUser)
    // Without a reason: a failure that is none here.
    for text in [
      "a: exit status 3\n", "a: Unresolved variable ${w}. Available variables:\n{\n  \"v\": \"1\"\n}\n",
      "xy: Failed to await until the task is running and healthy within 0 retries\n",
    ] {
      #expect(Self.rule(Pair(run, (1, Self.failed(text)), (0, Self.done)), facts) == nil, "\(text)")
    }
    let lasting = try Self.facts(dev: false)
    #expect(
      Self.rule(Pair(run, (1, Self.failed("Stack state already exists\n")), (0, Self.done)), lasting) == nil)
  }

  private static let key = "90e1bd7f-908e-4e12-83f4-a855aa128ed9"

  @Test func whatFailsInOtherWords() throws {
    let facts = try Self.facts()
    let original = (1, Self.failed("Stack does not exist\n"))
    #expect(Self.rule(Pair(["run", "m"], original, (1, Self.failed("there is no stack m"))), facts) == .errorWords)
    // Other exit code, other output before, no sentence, no end.
    #expect(Self.rule(Pair(["run", "m"], original, (2, Self.failed("there is no stack m"))), facts) == nil)
    #expect(Self.rule(Pair(["run", "m"], original, (1, "ERROR: there is no stack m\n")), facts) == nil)
    #expect(Self.rule(Pair(["run", "m"], original, (1, Self.failed(""))), facts) == nil)
    #expect(Self.rule(Pair(["run", "m"], original, (nil, Self.started)), facts) == nil)
  }

  @Test func whatFailsHereOnly() throws {
    let facts = try Self.facts()
    let succeeded = (0, Self.done)
    // With --dev a run that succeeds there says that it has not.
    let state = (1, Self.failed("Stack state already exists\n"))
    #expect(Self.rule(Pair(["run", "m"], state, (1, Self.failed("a: boom"))), facts) == nil)
    let circle = (1, Self.failed("a: variables that contain each other: ${a} → ${b} → ${a}"))
    #expect(Self.rule(Pair(["run", "m"], state, circle), facts) == .circles)
    let twice = (1, Self.failed("stack m cannot be run\nthe applications x, y have the same id a"))
    #expect(Self.rule(Pair(["run", "m"], state, twice), facts) == .idsOnce)
    let runOnce =
      "stack m cannot be run\nInvalid application a: its type is run-once, which runs on Mesos without Marathon; "
      + "this version does not do that"
    #expect(Self.rule(Pair(["run", "m"], succeeded, (1, Self.failed(runOnce))), facts) == .laterRunOnce)
    #expect(Self.rule(Pair(["run", "m"], succeeded, (1, Self.failed("a: boom"))), facts) == nil)
    let added = (0, "Stack added\n")
    let mistakes = (1, "ERROR: the stack is not stored: it has a mistake\nm:4:10: error: applications.a.cpu: bad\n")
    #expect(Self.rule(Pair(["add"], added, mistakes), facts) == .refusedOnAdd)
    #expect(Self.rule(Pair(["add"], added, (1, "ERROR: no\n")), facts) == nil)
    // Only after such a refusal may the stack be missing.
    let missing = (1, "ERROR: Stack does not exist\n\n")
    #expect(Self.rule(Pair(["show", "m"], (0, "name: m\n\n"), missing), facts) == nil)
    let later = try Self.facts(after: [.refusedOnAdd])
    #expect(Self.rule(Pair(["show", "m"], (0, "name: m\n\n"), missing), later) == .refusedOnAdd)
  }

  @Test func stacksAreShownWithoutInternals() throws {
    let facts = try Self.facts()
    let shown = "namespace: \"\"\nname: m\napplications:\n  a:\n    rwmutex: {}\n    cpu: 1\nlayer: 0\n\n"
    for (ours, rule) in [
      ("name: m\napplications:\n  a:\n    cpu: 1\n\n", CaseRule.noInternals),
      ("name: m\napplications:\n  a:\n    cpu: 1\nlayer: 2\n\n", .layerShown),
      ("name: m\napplications:\n  a:\n    cpu: 1.00000001\n\n", .precision),
      ("name: m\napplications:\n  a:\n    instances: \"2\"\n    cpu: 1\n\n", .mergeAllFields),
      ("name: m\napplications:\n  a:\n    cpu: 2\n\n", nil), ("name: n\napplications:\n  a:\n    cpu: 1\n\n", nil),
      ("name: m\n\n", nil),
    ] as [(String, CaseRule?)] {
      #expect(Self.rule(Pair(["show", "m"], (0, shown), (0, ours)), facts) == rule, "\(ours)")
    }
  }

  @Test func answersFailWithFittingStatuses() throws {
    let facts = try Self.facts()
    func rule(_ original: (Int?, String), _ ours: (Int?, String), path: String = "/get") -> CaseRule? {
      CaseRules.rule(
        for: Observation(
          place: "", title: "", action: .request(method: "POST", path: path, body: nil),
          original: .answer(status: original.0, text: original.1, fields: ["content-type": "text/plain"]),
          ours: .answer(status: ours.0, text: ours.1, fields: ["content-type": "text/plain"])), facts)
    }
    #expect(rule((404, "a: exit status 3\n"), (422, "a: exit status 3\n")) == .errorStatus)
    #expect(rule((500, "not found\n"), (401, "Unauthorized\n")) == .errorWords)
    #expect(rule((404, "a: exit status 3\n"), (500, "a: exit status 3\n")) == nil)
    #expect(rule((404, "Stack state already exists\n"), (200, ""), path: "/run") == .devRun)
    #expect(rule((200, ""), (404, "no\n")) == nil)
    #expect(rule((200, "a"), (200, "b")) == nil)
    #expect(rule((nil, ""), (nil, "")) == nil)
  }

  @Test func marathonIsSentTheSame() throws {
    func change(_ id: String, _ command: String, method: String = "POST", labels: String = "stack=m;zone=z")
      -> MarathonChange
    {
      MarathonChange(
        method: method, path: "/v2/apps",
        body: ["id": .string(id), "cmd": .string(command), "env": ["STACK_LABELS": .string(labels)]])
    }
    let (a, b) = (change("a", "x --k 1 --l 2"), change("b", "y"))
    let facts = try Self.facts(files: [
      "m.stack": "name: m\napplications:\n  a: {id: a}\n  b: {id: b}\n  c: {id: c, dependencies: [b]}\n"
    ])
    #expect(MarathonRules.rule([a, b], [b, a], facts) == .order)
    #expect(MarathonRules.rule([a], [change("a", "x --l 2 --k 1", labels: "zone=z;stack=m")], facts) == .order)
    let c = change("c", "z")
    #expect(MarathonRules.rule([a, b, c], [b, c, a], facts) == .order)
    #expect(MarathonRules.rule([a, b, c], [a, c, b], facts) == nil)
    #expect(MarathonRules.rule([a], [change("a", "x --k 1 --l 3")], facts) == nil)
    #expect(MarathonRules.rule([a], [], facts) == nil)
    #expect(MarathonRules.rule([], [a], facts) == nil)
    #expect(MarathonRules.rule([a], [a, a], facts) == nil)
    #expect(MarathonRules.rule([a, a], [a], facts) == .runAgain)
    #expect(MarathonRules.rule([a, b], [a, b, change("b", "y2", method: "PUT")], facts) == nil)

    let later = try Self.facts(after: [.laterTaskRunners])
    #expect(MarathonRules.rule([a], [], later) == .laterTaskRunners)
    let refusing = try Self.facts(script: ["default": ["post": ["status": 409]]])
    #expect(MarathonRules.rule([a], [a, a], refusing) == .conflictRetried)
  }

  @Test func everyRuleIsDocumented() throws {
    let root = #filePath.split(separator: "/", omittingEmptySubsequences: false).dropLast(4).joined(separator: "/")
    let text = String(decoding: try Folder.contents(of: "\(root)/docs/compatibility.md"), as: UTF8.self)
    for rule in CaseRule.allCases { #expect(text.contains("`\(rule.rawValue)`"), "\(rule.rawValue)") }
  }
}
