import JSON
import Testing

@testable import StackModel

/// Each rule accepts what it says and nothing near it.
@Suite struct CompatibilityRulesTests {
  private func vector(_ line: String) throws -> Vector {
    let json = try JSON(parsing: line)
    return Vector(file: "test", line: 1, input: try #require(json["in"]), output: try #require(json["out"]))
  }

  private func outcome(_ verdict: Verdict) -> String {
    switch verdict {
    case .equal: "equal"
    case .differing(let rule): rule
    case .wrong: "wrong"
    }
  }

  @Test(arguments: [
    ("c --b 2 --a 1 --c ", "marathon-flag-order"), ("c --a 1 --b 2 --c ", "equal"), ("c --b 2 --a 1", "wrong"),
    ("c --b 2 --a 1 --c  --c ", "wrong"), ("x --b 2 --a 1 --c ", "wrong"), ("c --b 1 --a 2 --c ", "wrong"),
  ])
  func flagsInAnyOrder(command: String, expected: String) throws {
    let vector = try vector(
      """
      {"in": {"yaml": "{launch_command: c, scheduler: {a: 1, b: 2, c: ''}}", "vars": {"stack": "s"}}, "out": {"json": \
      {"cmd": "\(command)", "env": {"STACK_LABELS": "stack=s"}, "instances": 1, "mem": 0, "requirePorts": false, \
      "labels": {"stack": "s"}}}}
      """)
    #expect(try outcome(ApplicationVectors.marathon(vector)) == expected)
  }

  @Test(arguments: [
    ("zone=z;stack=s", "marathon-label-order"), ("stack=s;zone=z", "equal"), ("zone=z", "wrong"),
    ("zone=z;stack=t", "wrong"),
  ])
  func labelsInAnyOrder(labels: String, expected: String) throws {
    let vector = try vector(
      """
      {"in": {"yaml": "id: i", "vars": {"stack": "s", "zone": "z"}}, "out": {"json": {"id": "i", "fetch": null, \
      "env": {"STACK_LABELS": "\(labels)"}, "instances": 1, "mem": 0, "requirePorts": false, \
      "labels": {"stack": "s", "zone": "z"}}}}
      """)
    #expect(try outcome(ApplicationVectors.marathon(vector)) == expected)
  }

  @Test(arguments: [
    (#"{"key": "b", "value": "2"}, {"key": "a", "value": "1"}"#, "marathon-parameter-order"),
    (#"{"key": "a", "value": "1"}, {"key": "b", "value": "2"}"#, "equal"), (#"{"key": "a", "value": "1"}"#, "wrong"),
  ])
  func parametersInAnyOrder(parameters: String, expected: String) throws {
    let vector = try vector(
      """
      {"in": {"yaml": "docker: {image: i, parameters: {a: 1, b: 2}}", "vars": {"stack": "s"}}, "out": {"json": \
      {"container": {"type": "DOCKER", "docker": {"forcePullImage": false, "image": "i", "parameters": [\(parameters)], \
      "portMappings": null, "privileged": false}, "volumes": null}, "env": {"STACK_LABELS": "stack=s"}, \
      "instances": 1, "mem": 0, "requirePorts": false, "labels": {"stack": "s"}}}}
      """)
    #expect(try outcome(ApplicationVectors.marathon(vector)) == expected)
  }

  @Test(arguments: [
    (#"{"a": "<${b}>", "b": "B"}"#, "<${b}>", "resolve-nested"), (#"{"a": "<${b}>", "b": "B"}"#, "<B>", "equal"),
    (#"{"a": "<${b}>", "b": "B"}"#, "<${c}>", "wrong"), (#"{"a": "<${b}>"}"#, "<${b}>", "resolve-unresolved"),
    (#"{}"#, "${a}", "resolve-unresolved"), (#"{}"#, "", "wrong"), (#"{"a": "x${a}"}"#, "xx${a}", "resolve-cycle"),
    (#"{"a": "A"}"#, "${a}", "wrong"),
  ])
  func variables(values: String, original: String, expected: String) throws {
    let vector = try vector(
      """
      {"in": {"yaml": "launch_command: ${a}", "vars": \(values)}, \
      "out": {"out": "rwmutex: {}\\nlaunch_command: '\(original)'\\n"}}
      """)
    let verdict: Verdict
    do { verdict = try ApplicationVectors.resolve(vector) } catch { verdict = .wrong("\(error)") }
    #expect(outcome(verdict) == expected)
  }

  @Test(arguments: [
    ("type: ''", #"{"error": "Invalid application a: No application type"}"#, "equal"),
    ("type: '', id: ''", #"{"error": "Invalid application a: No application ID"}"#, "wrong"),
    ("x-note: ''", #"{"out": "ok"}"#, "equal"), ("cpu: 0", #"{"out": "ok"}"#, "wrong"),
    ("dependencies: [b]", #"{"out": "ok"}"#, "validate-graph"),
    ("dependencies: [i]", #"{"out": "ok"}"#, "validate-graph"),
    ("cpu: .inf", #"{"out": "ok"}"#, "validate-finite-numbers"),
    ("type: run-once, time_schedule: x", #"{"out": "ok"}"#, "validate-schedules"),
    ("tasks: {t: 1}", #"{"out": "ok"}"#, "validate-tasks-are-maps"),
    ("healthcheck: {port: 9}", #"{"out": "ok"}"#, "wrong"),
  ])
  func refusals(fields: String, output: String, expected: String) throws {
    let vector = try vector(
      """
      {"in": {"yaml": "{name: x, applications: {a: {<<: {type: t, id: i, cpu: 1, mem: 1}, \(fields)}}}", \
      "runners": ["t"]}, "out": \(output)}
      """)
    #expect(try outcome(ValidationVectors.validate(vector)) == expected)
  }

  @Test func oneOfSeveralErrors() throws {
    for (key, expected) in [("a", "validate-all-errors"), ("b", "validate-all-errors"), ("c", "wrong")] {
      let vector = try vector(
        """
        {"in": {"yaml": "{applications: {a: {id: i}, b: {id: j}}}", "runners": []}, \
        "out": {"error": "Invalid application \(key): No application type"}}
        """)
      #expect(try outcome(ValidationVectors.validate(vector)) == expected)
    }
  }

  @Test func anApplicationThatIsNull() throws {
    let vector = try vector(#"{"in": {"yaml": "{applications: {a: null}}", "runners": []}, "out": {"panic": "nil"}}"#)
    #expect(try outcome(ValidationVectors.validate(vector)) == "validate-null-application")
  }
}
