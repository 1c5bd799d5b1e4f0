import Testing

@testable import StackModel

@Suite struct VariablesTests {
  @Test func stackVariablesBeatArbitraryOnesBeatGlobalOnes() throws {
    let variables = Variables(
      stack: ["zone": "z"], arbitrary: ["zone": "a", "both": "arb"], global: ["zone": "g", "both": "g", "g": "global"])
    #expect(try variables.substitute(in: "${zone} ${both} ${g}") == "z arb global")
    #expect(variables.names == ["zone", "both", "g"])
    #expect(variables.lookup("both")?.scope == .arbitrary)
  }

  // The forms that the original was recorded with.
  @Test(arguments: [
    ("1=${a} 2=${a}${a} 3=$a 4=$HOST 5=$PORT0 6={a}", "1=A 2=AA 3=$a 4=$HOST 5=$PORT0 6={a}"),
    ("7=${eq} 8=${sp ace} 9=${} 0=${empty}", "7=x=y=z 8=S 9=E 0="),
    ("$${a} \\${a}", "$A \\A"), ("${${which}}", "A"), ("${x", "${x"), ("} {a} $ {a}", "} {a} $ {a}"),
    ("${x\n}", "${x\n}"), ("${x\n${a}}", "${x\nA}"), ("", ""), ("é${a}é", "éAé"),
  ])
  func forms(text: String, expected: String) throws {
    let variables = Variables(
      arbitrary: ["a": "A", "eq": "x=y=z", "sp ace": "S", "": "E", "empty": "", "which": "a"])
    #expect(try variables.substitute(in: text) == expected)
  }

  @Test func valuesAreResolvedAtEveryLevel() throws {
    let variables = Variables(
      stack: ["c": "C"], arbitrary: ["a": "<${b}>", "b": "(${c}${d})"], global: ["d": "D"])
    #expect(try variables.substitute(in: "${a} ${b}") == "<(CD)> (CD)")
  }

  @Test func aCycleIsNamed() {
    let variables = Variables(arbitrary: ["a": "${b}", "b": "x ${c}", "c": "${b}", "self": "${self}"])
    #expect(throws: VariableError.cycle(["b", "c", "b"])) { try variables.substitute(in: "${a}") }
    #expect(throws: VariableError.cycle(["self", "self"])) { try variables.substitute(in: "${self}") }
  }

  @Test func allUnresolvedNamesAreToldWithoutAnyValue() {
    let variables = Variables(arbitrary: ["password": "hunter2", "outer": "${inner}"])
    #expect {
      try variables.substitute(in: "${u} ${passwort} ${u} ${outer} ${password}")
    } throws: { error in
      "\(error)" == "unresolved variables ${u}, ${passwort}, ${inner}; set it with --var u=VALUE"
    }
    #expect(throws: VariableError.unresolved(["passwort"], nearest: "password")) {
      try variables.substitute(in: "${passwort}")
    }
  }

  @Test func textsThatExplodeAreStopped() {
    var variables = Variables(global: ["v0": "0123456789"])
    for level in 1...40 { variables.global["v\(level)"] = "${v\(level - 1)}${v\(level - 1)}" }
    #expect(throws: VariableError.tooLong(limit: Variables.textLimit)) { try variables.substitute(in: "${v40}") }
  }

  @Test func chainsThatAreLongerThanTheStackAreStopped() throws {
    let chain = OrderedMap((0..<50_000).map { ("v\($0)", "${v\($0 + 1)}") })
    #expect(throws: VariableError.tooDeep(limit: Variables.depthLimit)) {
      try Variables(global: chain).substitute(in: "${v0}")
    }
    let fine = OrderedMap((0..<99).map { ("v\($0)", "${v\($0 + 1)}") } + [("v99", "end")])
    #expect(try Variables(global: fine).substitute(in: "${v0}") == "end")
  }

  @Test func unknownNamesInsideOfNamesAreToldOnce() {
    #expect(throws: VariableError.unresolved(["inner"], nearest: nil)) {
      try Variables().substitute(in: "${a${b${inner}}}")
    }
    let many = (0..<1_000).map { "${no\($0)}" }.joined()
    #expect {
      try Variables().substitute(in: many)
    } throws: { error in
      guard case .unresolved(let names, _) = error as? VariableError else { return false }
      return names == (0..<20).map { "no\($0)" }
    }
  }

  @Test func valuesDoNotShow() {
    let variables = Variables(stack: ["user": "joe"], arbitrary: ["password": "hunter2"], secrets: ["password"])
    for text in ["\(variables)", String(reflecting: variables), "\([variables])"] {
      #expect(!text.contains("hunter2") && !text.contains("joe"))
    }
    var dumped = ""
    dump(variables, to: &dumped)
    #expect(!dumped.contains("hunter2"))
    #expect(variables.masked.lookup("password")?.value == "<secret password>")
    #expect(variables.masked.lookup("user")?.value == "joe")
  }
}

@Suite struct ApplicationSubstitutionTests {
  private let variables = Variables(arbitrary: ["v": "V"])

  private var application: Application {
    var application = Application()
    application.id = "id-${v}"
    application.type = "${v}"
    application.user = "${v}"
    application.launchCommand = "run ${v}"
    application.args = ["${v}", "b"]
    application.env = ["${v}": "${v}"]
    application.scheduler = ["${v}": "${v}"]
    application.healthcheck = .path("/${v}")
    application.artifactURLs = ["${v}"]
    for place in HookPlace.allCases { application.hooks[place] = ["echo ${v}"] }
    application.tasks = [
      ApplicationTask(
        "t", [.init(key: .string("n"), value: .integer(8)), .init(key: .boolean(true), value: .string("${v}"))])
    ]
    return application
  }

  @Test func eachStageReplacesItsFieldsOnly() throws {
    let launch = try application.substituting(variables, for: [.launch])
    #expect(launch.launchCommand == "run V")
    #expect(launch.args == ["V", "b"])
    #expect(launch.env == ["${v}": "V"])
    #expect(launch.scheduler == ["${v}": "V"])
    #expect(launch.hooks.beforeScheduler == ["echo V"])
    #expect(launch.hooks.afterScheduler == ["echo ${v}"])
    #expect(launch.tasks == application.tasks)

    let tasks = try application.substituting(variables, for: [.tasks])
    #expect(tasks.hooks.beforeTask == ["echo V"] && tasks.hooks.afterTask == ["echo V"])
    #expect(tasks.hooks.beforeScheduler == ["echo ${v}"])
    #expect(tasks.tasks.first?.parameters == ["n": "8", "true": "V"])
    #expect(try application.substituting(variables, for: [.afterScheduler]).hooks.afterScheduler == ["echo V"])
    #expect(try application.substituting(variables, for: [.afterTasks]).hooks.afterTasks == ["echo V"])
  }

  @Test func anUnresolvedVariableInATaskIsAnError() {
    var application = application
    application.tasks = [ApplicationTask("t", [.init(key: .string("n"), value: .string("${u}"))])]
    #expect(throws: SubstitutionError.self) { try application.substituting(variables, for: [.tasks]) }
  }

  /// As Go prints values and keys, which is what the schedulers were sent.
  @Test func taskValuesBecomeTextAsInTheOriginal() throws {
    let source = """
      name: m
      applications:
        a:
          tasks:
            t: {a: 010, b: 1.10, c: yes, d: null, e: [1, a, true], f: {k: v, a: b}, g: 1000000.0, y: "y", h: 0x10, 8: 017}
      """
    let application = try #require(StackDecoding(source).stack?.applications["a"])
    let tasks = try application.substituting(variables, for: [.tasks])
    #expect(
      tasks.tasks.first?.parameters == [
        "a": "8", "b": "1.1", "c": "true", "d": "<nil>", "e": "[1 a true]", "f": "[{k v} {a b}]", "g": "1e+06",
        "true": "y", "h": "16", "8": "15",
      ])
  }

  @Test func otherFieldsStayAsWritten() throws {
    let all = try application.substituting(variables, for: Application.SubstitutionStage.allCases)
    #expect([all.id, all.type, all.user] == ["id-${v}", "${v}", "${v}"])
    #expect(all.artifactURLs == ["${v}"])
    #expect(all.healthcheck == .path("/${v}"))
  }

  @Test func allProblemsAreToldWithTheirPlaces() {
    var application = application
    application.env["PASSWORD"] = "${secret}"
    application.args = ["${v}", "${u}"]
    #expect {
      try application.substituting(variables, for: [.launch])
    } throws: { error in
      "\(error)" == """
        application id-${v}, args (2): unresolved variable ${u}; set it with --var u=VALUE
        application id-${v}, env (PASSWORD): unresolved variable ${secret}; set it with --var secret=VALUE
        """
    }
  }

  @Test func anApplicationThatGrowsWithoutMeasureIsStopped() {
    var application = Application()
    application.args = Array(repeating: "${big}", count: 1_000)
    let variables = Variables(arbitrary: ["big": String(repeating: "x", count: 100_000)])
    #expect {
      try application.substituting(variables, for: [.launch])
    } throws: { error in
      (error as? SubstitutionError)?.problems.map(\.error) == [.tooMuch(limit: Variables.applicationLimit)]
    }
  }

  @Test func anUnresolvedVariableOfATaskIsAnError() {
    #expect {
      try application.substituting(Variables(), for: [.tasks])
    } throws: { error in
      (error as? SubstitutionError)?.problems.map(\.entry) == ["1", "t, true", "1"]
    }
  }
}
