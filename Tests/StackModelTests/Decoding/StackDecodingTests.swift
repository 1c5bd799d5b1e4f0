import Testing

@testable import StackModel

@Suite struct StackDecodingTests {
  private func application(_ fields: String) -> (Application?, StackDecoding) {
    let lines = fields.split(separator: "\n").map { "    \($0)\n" }.joined()
    let decoding = StackDecoding("name: s\napplications:\n  a:\n\(lines)", file: "s.yaml")
    return (decoding.stack?.applications["a"], decoding)
  }

  @Test func allMistakesAreFoundAtOnceEachAtItsPlace() {
    let decoding = StackDecoding(
      """
      name: [s]
      applications:
        web:
          ports: 8080
          cpu: lots
          env: [A]
          docker: {privileged: 5, volumes: {a: b}}
        db: text
      """, file: "dir/s.yaml")
    #expect(
      decoding.diagnostics.map(\.description) == [
        "dir/s.yaml:1:7: error: name: expected a text, found a list",
        "dir/s.yaml:4:12: error: applications.web.ports: expected a list of whole numbers, found the number 8080 "
          + "(write a list: [8080])",
        "dir/s.yaml:5:10: error: applications.web.cpu: expected a number, found the text \"lots\"",
        "dir/s.yaml:6:10: error: applications.web.env: expected a map of texts, found a list",
        "dir/s.yaml:7:26: error: applications.web.docker.privileged: expected true or false, found the number 5",
        "dir/s.yaml:7:38: error: applications.web.docker.volumes: expected a list of maps, found a map",
        "dir/s.yaml:8:7: error: applications.db: expected a map, found the text \"text\"",
      ])
    #expect(
      decoding.originalError == """
        yaml: unmarshal errors:
          line 1: cannot unmarshal !!seq into string
          line 4: cannot unmarshal !!int `8080` into []int
          line 5: cannot unmarshal !!str `lots` into float64
          line 6: cannot unmarshal !!seq into map[string]string
          line 7: cannot unmarshal !!int `5` into bool
          line 7: cannot unmarshal !!map into []*framework.DockerVolume
          line 8: cannot unmarshal !!str `text` into framework.Application
        """)
  }

  @Test func unknownFieldsAreWarnedOfWithTheNearestName() {
    let decoding = StackDecoding(
      """
      name: s
      x-note: anything
      aplications: {}
      applications:
        a:
          memm: 5
          x-mine: [1]
          docker: {imagee: x}
          healthcheck: {protcol: TCP}
      """)
    #expect(
      decoding.diagnostics.map(\.description) == [
        "3:1: warning: aplications: unknown field, ignored (did you mean \"applications\"?)",
        "6:5: warning: applications.a.memm: unknown field, ignored (did you mean \"mem\"?)",
        "8:14: warning: applications.a.docker.imagee: unknown field, ignored (did you mean \"image\"?)",
        "9:19: warning: applications.a.healthcheck.protcol: unknown field, ignored (did you mean \"protocol\"?)",
      ])
    #expect(decoding.originalError == nil)
  }

  @Test func aSyntaxErrorSaysWhereAndWhatToDo() {
    let decoding = StackDecoding("name: s\nx: [http://a/1]\n", file: "s.yaml")
    #expect(decoding.stack == nil)
    #expect(
      decoding.diagnostics.text
        == "s.yaml:2:9: error: found unexpected ':' (put texts with a colon inside [ ] and { } in quotes)")
    #expect(decoding.originalError == "yaml: line 1: found unexpected ':'")
    #expect(StackDecoding("x: [a,\n    b:c]\n").diagnostics.first?.position == SourcePosition(line: 2, column: 6))
    #expect(StackDecoding("x: [é\n  b:c]\n").diagnostics.first?.position == SourcePosition(line: 2, column: 4))
  }

  @Test func explicitNullsAreRemembered() throws {
    let (application, decoding) = application("cpu: null\nenv: ~\nargs:\nid: x\nuser: null\nuser: y")
    #expect(application?.unset == [.cpu, .env, .args])
    #expect(application?.user == "y")
    #expect(decoding.diagnostics.map(\.code) == [.duplicateKey])
    #expect(StackDecoding("applications: {a: }").stack?.applications["a"]?.isNull == true)
  }

  @Test func keysMergeInTheOrderOfTheOriginal() throws {
    let decoding = StackDecoding(
      """
      x-one: &one {cpu: 1, env: {A: one, B: one}}
      x-two: &two {cpu: 2, mem: 2}
      applications:
        before: {cpu: 9, <<: *one}
        after: {<<: *one, cpu: 9, env: {B: own}}
        list: {<<: [*one, *two]}
        inline: {<<: {id: x}}
        tasks:
          tasks:
            t: {<<: {k: merged, l: 1}, k: own}
      """)
    #expect(decoding.diagnostics.isEmpty)
    let applications = try #require(decoding.stack?.applications)
    #expect(applications["before"]?.cpu == 1)
    #expect(applications["after"]?.cpu == 9)
    #expect(applications["after"]?.env == ["A": "one", "B": "own"])
    #expect(applications["list"]?.cpu == 1)
    #expect(applications["list"]?.mem == 2)
    #expect(applications["inline"]?.id == "x")
    #expect(applications["tasks"]?.tasks.first?.parameters?["k"] == "own")
    #expect(applications["tasks"]?.tasks.first?.parameters?["l"] == "1")
  }

  @Test func ourHealthCheckIsAMap() throws {
    let (application, decoding) = application(
      "healthcheck: {protocol: http, path: /up, port: 1, interval: 500ms, timeout: 1m30s, grace: 0s, failures: 3}")
    #expect(decoding.diagnostics.isEmpty)
    #expect(
      application?.healthcheck
        == .check(
          HealthCheckDefinition(
            probe: .http, path: "/up", port: 1, interval: .milliseconds(500), timeout: .seconds(90), grace: .zero,
            failures: 3)))
    let stack = try #require(decoding.stack)
    #expect(StackDecoding(StackYAML.text(stack)).stack == stack)
  }

  @Test func brokenHealthChecksAreRefused() {
    let (_, decoding) = application("healthcheck: {protocol: HTPP, interval: 5 parsecs, timeout: 10, grace: [1]}")
    #expect(decoding.diagnostics.map(\.position.column) == [29, 45, 65, 76])
    #expect(decoding.diagnostics.allSatisfy { $0.severity == .error })
    #expect(decoding.diagnostics[0].hint == "one of HTTP, TCP, COMMAND, did you mean HTTP?")
    #expect(decoding.diagnostics[1].message.contains("healthcheck.interval: "))
    #expect(decoding.diagnostics[2].message.contains("lacks a unit"))
  }

  @Test func positionsAreKept() {
    let decoding = StackDecoding("name: s\napplications:\n  web:\n    ports: [1,\n      2]\n    <<: {id: x}\n")
    let map = decoding.sourceMap
    #expect(map.position(of: .application("web", .ports).index(1)) == SourcePosition(line: 5, column: 7))
    #expect(map.position(of: .application("web", .id)) == SourcePosition(line: 6, column: 14))
    #expect(map.keyPosition(of: .application("web", .id)) == SourcePosition(line: 6, column: 10))
    #expect(map.keyPosition(of: .application("web")) == SourcePosition(line: 3, column: 3))
    #expect(map.position(of: .application("web", .cpu)) == SourcePosition(line: 4, column: 5), "where the map starts")
    #expect(map.position(of: StackPath([.key("from")])) == .start)
  }

  @Test func byteOrderMarkAndEmptySources() {
    #expect(StackDecoding("\u{FEFF}name: [x]\n").diagnostics.first?.position == SourcePosition(line: 1, column: 7))
    #expect(StackDecoding("").stack == Stack())
    #expect(StackDecoding("# nothing\n").stack == Stack())
    #expect(StackDecoding([0xFF, 0xFE]).diagnostics.first?.code == .syntax)
    #expect(StackDecoding([]).stack == Stack())
    #expect(StackDecoding("name: a\n---\nname: b\n").stack?.name == "a")
  }

  @Test func anchorsCountByTheirLastPlace() {
    let source = "x-a: &n one\napplications: {a: {id: *n, user: &n two}}\n"
    #expect(StackDecoding(source).stack?.applications["a"]?.id == "two", "as in yaml.v2 of 2016")
  }
}
