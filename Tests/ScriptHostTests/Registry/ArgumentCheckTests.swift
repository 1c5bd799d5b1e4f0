import JSON
import Testing

@testable import ScriptHost

struct ArgumentCheckTests {
  private func function(_ parameters: HostField...) -> HostFunction {
    HostFunction("test.it", parameters, recording: .answer, doc: "")
  }

  private func field(_ name: String, _ type: HostType, _ presence: HostField.Presence = .required) -> HostField {
    HostField(name, type, presence, doc: "")
  }

  private static let app = HostHandle(kind: "app", doc: "", fields: [], methods: [])
  private static let options = HostRecord([
    HostField("timeout", .duration, doc: ""), HostField("instances", .integer, .standard(1), doc: ""),
    HostField("note", .string, .optional, doc: ""),
  ])

  @Test(
    arguments: [
      (HostType.string, "a", "a"), (.integer, 3, 3), (.integer, 3.0, 3), (.number, 3, 3), (.number, 0.5, 0.5),
      (.boolean, false, false), (.duration, "90s", "1m30s"), (.duration, "0", "0s"), (.size, "512MiB", 536_870_912),
      (.size, "1.5KiB", 1536), (.size, "7B", 7), (.choice(["a", "b"]), "b", "b"), (.list(.integer), [1, 2.0], [1, 2]),
      (.list(.string), [:], []), (.map(.string), [], [:]), (.map(.number), ["a": 1], ["a": 1]),
      (.json, [1, [:]], [1, [:]]),
      (.json, .null, .null), (.handle(app), "/web", "/web"), (.handle(app), ["id": "/web", "ports": []], "/web"),
      (.nullable(.string), .null, .null), (.nullable(.string), "a", "a"),
      (.record(options), ["timeout": "1m"], ["timeout": "1m0s", "instances": 1]),
      (.record(HostRecord([])), [], [:]),
    ] as [(HostType, JSON, JSON)])
  func whatFitsIsBroughtIntoNormalForm(type: HostType, value: JSON, normal: JSON) throws {
    #expect(try function(field("x", type)).check([value]).get() == ["x": normal])
  }

  @Test(
    arguments: [
      (HostType.string, 1, "argument 1 (x) must be a string, is a number"),
      (.string, .null, "argument 1 (x) must be a string, is nil"),
      (.integer, "1", "argument 1 (x) must be a whole number, is a string"),
      (.integer, 1.5, "argument 1 (x) must be a whole number, is 1.5"),
      (.number, true, "argument 1 (x) must be a number, is a boolean"),
      (.boolean, 0, "argument 1 (x) must be true or false, is a number"),
      (.duration, 10, "argument 1 (x) must be a duration such as \"10m\" or \"1m30s\", is a number"),
      (.duration, "10", "argument 1 (x) must be a duration such as \"10m\" or \"1m30s\", is '10'"),
      (.duration, "-1s", "argument 1 (x) must not be negative, is '-1s'"),
      (.size, 512, "argument 1 (x) must be a size such as \"512MiB\" or \"1GiB\", is a number"),
      (.size, "512", "argument 1 (x) must be a size such as \"512MiB\" or \"1GiB\", is '512'"),
      (.size, "1e3MiB", "argument 1 (x) must be a size such as \"512MiB\" or \"1GiB\", is '1e3MiB'"),
      (.size, "99999999999TiB", "argument 1 (x) must be a size such as \"512MiB\" or \"1GiB\", is '99999999999TiB'"),
      (
        .choice(["left", "right"]), "lefd", "argument 1 (x) must be \"left\" or \"right\", is 'lefd': is 'left' meant?"
      ),
      (.list(.string), ["a": 1], "argument 1 (x) must be a list, is a table with keys"),
      (.list(.string), ["a", 1], "argument 1 (x)[2] must be a string, is a number"),
      (.map(.string), ["a"], "argument 1 (x) must be a map with string keys, is a list"),
      (.map(.string), ["a": 1], "argument 1 (x).a must be a string, is a number"),
      (.handle(app), ["name": "web"], "argument 1 (x) must be an app or its id, is a table without id"),
      (.handle(app), ["id": 1], "argument 1 (x) must be an app or its id, is a table without id"),
      (.handle(app), 1, "argument 1 (x) must be an app or its id, is a number"),
      (.nullable(.string), 1, "argument 1 (x) must be a string, is a number"),
      (.record(options), "1m", "argument 1 (x) must be a table with fields, is a string"),
      (.record(options), [], "argument 1 (x).timeout must be a duration such as \"10m\" or \"1m30s\", is nil"),
      (
        .record(options), ["timout": "1m", "instances": "2"],
        "argument 1 (x).timeout must be a duration such as \"10m\" or \"1m30s\", is nil; "
          + "argument 1 (x).instances must be a whole number, is a string; "
          + "argument 1 (x) has no field 'timout': is 'timeout' meant?"
      ),
    ] as [(HostType, JSON, String)])
  func whatDoesNotFitIsSaid(type: HostType, value: JSON, message: String) {
    #expect(throws: HostCallFailure.self) { try function(field("x", type)).check([value]).get() }
    guard case .failure(let failure) = function(field("x", type)).check([value]) else { return }
    #expect(failure.code == .invalidArgument)
    #expect(failure.message == message)
    #expect(!failure.retryable)
  }

  @Test func argumentsAreNamedAndCompleted() throws {
    let two = function(field("a", .string), field("b", .integer, .standard(7)), field("c", .string, .optional))
    #expect(try two.check(["x"]).get() == ["a": "x", "b": 7])
    #expect(try two.check(["x", .null, "z"]).get() == ["a": "x", "b": 7, "c": "z"])
    #expect(try two.check(["x", 1, "z", .null, .null]).get() == ["a": "x", "b": 1, "c": "z"])
  }

  @Test(
    arguments: [
      ([], ["a", "b"], "takes no arguments, 2 were given"),
      (["x"], ["a", .null, "b"], "takes 1 argument, 3 were given"),
    ] as [([String], [JSON], String)])
  func tooManyArgumentsAreSaid(names: [String], arguments: [JSON], message: String) {
    let function = HostFunction("test.it", names.map { field($0, .string) }, recording: .answer, doc: "")
    guard case .failure(let failure) = function.check(arguments) else {
      Issue.record("taken")
      return
    }
    #expect(failure.message == message)
    #expect(failure.details == ["problems": [.string(message)]])
  }

  @Test func manyProblemsAreCut() {
    let many = JSON.array((0..<100_000).map { _ in 1 })
    guard case .failure(let failure) = function(field("x", .list(.string))).check([many]) else {
      Issue.record("taken")
      return
    }
    #expect(failure.details["problems"]?.arrayValue?.count == 10)
    #expect(failure.message.hasSuffix("argument 1 (x)[10] must be a string, is a number; and more"))
    let keys = JSON.object(
      JSONObject((0..<1000).map { ("\($0)" + String(repeating: "k", count: 10_000), JSON.integer(1)) }))
    guard case .failure(let long) = function(field("x", .record(Self.options))).check([keys]) else { return }
    #expect(long.message.utf8.count < 2000)
  }
}
