import Testing

@testable import StackModel

@Suite struct StackCheckTests {
  private func check(_ source: String, _ options: StackCheck.Options = .init()) -> StackCheck {
    StackCheck.check(Array(source.utf8), file: "s.yaml", options: options)
  }

  @Test func fiveMistakesAreNamedAtOnceEachAtItsPlace() {
    let check = check(
      """
      name: five
      applications:
        web:
          type: docker
          id: web
          cpu: -0.5
          mem: 64
          ports: 8080
          launch_command: {run: it}
          constraints: [[hostname, UNIQUE], [rack, LIEK, r1]]
          healthcheck: {protocol: HTTP, path: /, interval: 10sec}
      """)
    #expect(
      check.diagnostics.map(\.description) == [
        "s.yaml:6:10: error: applications.web.cpu: Invalid application CPU: it must be above 0",
        "s.yaml:8:12: error: applications.web.ports: expected a list of whole numbers, found the number 8080 "
          + "(write a list: [8080])",
        "s.yaml:9:21: error: applications.web.launch_command: expected a text, found a map",
        "s.yaml:10:39: error: applications.web.constraints[1]: Unsupported constraint: [LIEK r1]: the operators are "
          + "LIKE, UNLIKE, UNIQUE, CLUSTER, GROUP_BY; did you mean LIKE?",
        "s.yaml:11:54: error: applications.web.healthcheck.interval: the duration \"10sec\" has the unknown unit "
          + "\"sec\"; the units are h, m, s, ms, us, ns",
      ])
    #expect(check.stack == nil)
    #expect(!check.isAccepted(strict: false))
  }

  @Test func anUnknownFieldAndAnUnknownTypeAreWarnings() {
    let check = check(
      "name: two\napplications:\n  web:\n    type: kafka-mesos-0.9.y\n    lanch_command: x\n",
      .init(knownTypes: ["kafka-mesos-0.9.x", "run-once"]))
    #expect(
      check.diagnostics.text == """
        s.yaml:4:11: warning: applications.web.type: unknown type "kafka-mesos-0.9.y" (did you mean "kafka-mesos-0.9.x"?)
        s.yaml:5:5: warning: applications.web.lanch_command: unknown field, ignored (did you mean "launch_command"?)
        """)
    #expect(check.stack?.name == "two")
    #expect(check.isAccepted(strict: false))
    #expect(!check.isAccepted(strict: true))
  }

  @Test func theGraphIsWarnedOf() {
    let check = check(
      """
      name: s
      applications:
        a: {id: a, dependencies: [b]}
        b: {id: b, dependencies: [bb, a]}
        c: {id: a}
      """)
    #expect(check.isAccepted(strict: false))
    #expect(check.diagnostics.map(\.code) == [.dependencyCycle, .unknownDependency, .duplicateID])
    #expect(
      check.diagnostics.map(\.position) == [
        SourcePosition(line: 3, column: 29), SourcePosition(line: 4, column: 29), SourcePosition(line: 5, column: 11),
      ])
  }

  @Test func parentsAndLayersNeedNotBeComplete() {
    let child = "name: c\nfrom: p\napplications:\n  a: {dependencies: [db]}\n  b: null\n"
    #expect(check(child).diagnostics.isEmpty)
    #expect(check("name: c\napplications: {b: null}").diagnostics.map(\.code) == [.nullApplication])
    let source = "name: c\napplications:\n  a: {id: a, dependencies: [db]}\n"
    #expect(check(source).diagnostics.map(\.code) == [.unknownDependency])
    #expect(check(source, .init(isLayer: true)).diagnostics.isEmpty)

    var database = Application()
    database.id = "db"
    var parent = Stack(name: "p", applications: ["db": database, "a": Application()])
    parent.applications["a"]?.id = "a"
    #expect(check(child, .init(parent: parent)).diagnostics.isEmpty)
    parent.applications["db"]?.dependencies = ["a"]
    #expect(check(child, .init(parent: parent)).diagnostics.map(\.code) == [.dependencyCycle])
    parent.applications["db"] = nil
    #expect(check(child, .init(parent: parent)).diagnostics.map(\.code) == [.unknownDependency])
  }

  @Test func whatAParentCanStillMendIsNoError() {
    let source = """
      name: c
      applications:
        a: {cpu: 0, healthcheck: {protocol: TCP, port: 3}}
      """
    #expect(check(source).diagnostics.isEmpty)
    #expect(check(source.replacing("port: 3", with: "port: -3")).diagnostics.first?.column == 50)
  }

  @Test(arguments: [
    ("cpu: .nan", 10), ("mem: .inf", 10), ("mem: -1", 10), ("instances: many", 16), ("instances: 0", 16),
    ("healthcheck: {protocol: TCP, interval: 0s}", 44), ("healthcheck: {protocol: COMMAND}", 18),
    ("healthcheck: {protocol: TCP, failures: -1}", 44), ("constraints: [[]]", 19),
    ("constraints: [[a, LIKE, '(']]", 19),
  ])
  func impossibleValuesAreRefused(_ field: String, _ column: Int) {
    let check = check("name: s\napplications:\n  a:\n    \(field)\n")
    #expect(check.diagnostics.map(\.position) == [SourcePosition(line: 4, column: column)])
    #expect(check.diagnostics.map(\.code) == [.invalidValue])
  }

  @Test func aStackWithoutANameIsWarnedOf() {
    #expect(check("applications: {}").diagnostics.map(\.code) == [.missingName])
  }

  @Test func theOriginalsAnswerComesAlong() {
    #expect(check("name: [x]").originalError == "yaml: unmarshal errors:\n  line 1: cannot unmarshal !!seq into string")
    #expect(check("name: x\napplications: {a: {cpu: -1}}").originalError == nil)
  }
}
