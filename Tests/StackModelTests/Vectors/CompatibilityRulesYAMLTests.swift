import JSON
import Testing

@testable import StackModel

/// The rules about YAML and merging accept what they say and nothing near it.
@Suite struct CompatibilityRulesYAMLTests {
  private func outcome(_ verdict: Verdict) -> String {
    switch verdict {
    case .equal: "equal"
    case .differing(let rule): rule
    case .wrong: "wrong"
    }
  }

  private func yaml(_ source: String, _ output: String) -> String {
    let vector = Vector(file: "test", line: 1, input: ["yaml": .string(source)], output: ["out": .string(output)])
    return outcome(YAMLVectors.yaml(vector))
  }

  private func merge(_ yamls: [String], _ output: JSON) throws -> String {
    let input: JSON = ["yamls": .array(yamls.map { .string($0) })]
    return outcome(try MergeVectors.merge(Vector(file: "test", line: 1, input: input, output: output)))
  }

  @Test(arguments: [
    ("cpu: 16777216", "equal"), ("cpu: 1.6777216e+07", "yaml-precision"), ("cpu: 1.6777218e+07", "wrong"),
    ("mem: 1.6777216e+07", "wrong"), ("cpu: \"16777217\"", "wrong"), ("", "wrong"),
  ])
  func numbersMayDifferBehind32Bits(field: String, expected: String) {
    let source = "name: x\napplications:\n  a:\n    cpu: \(expected == "equal" ? "16777216" : "16777217")\n"
    let shown = expected == "equal" ? "cpu: 1.6777216e+07" : field
    #expect(
      yaml(source, "namespace: \"\"\nname: x\napplications:\n  a:\n    rwmutex: {}\n    \(shown)\nlayer: 0\n")
        == expected)
  }

  @Test func internalsAreLeftOutAndNothingElse() {
    #expect(OriginalYAML.withoutInternals("namespace: \"\"\nlayer: 0\n") == "{}\n")
    #expect(OriginalYAML.withoutInternals("namespace: n\nname: x\nlayer: 2\n") == "namespace: n\nname: x\nlayer: 2\n")
    #expect(
      OriginalYAML.withoutInternals(
        "namespace: \"\"\napplications:\n  a:\n    rwmutex: {}\n  b: null\n  c:\n    rwmutex: {}\n    id: c\nlayer: 0\n"
      )
        == "applications:\n  a: {}\n  b: null\n  c:\n    id: c\n")
  }

  @Test func mergeKeysAmongTasks() {
    let source = "name: x\napplications: {a: {tasks: {<<: {m: {k: v}}, t: {<<: {k: v}, l: w}}}}\n"
    func original(_ tasks: String) -> String {
      "namespace: \"\"\nname: x\napplications:\n  a:\n    rwmutex: {}\n    tasks:\n      t:\n\(tasks)layer: 0\n"
    }
    #expect(yaml(source, original("        l: w\n")) == "yaml-merged-tasks")
    #expect(yaml(source, original("        l: v\n")) == "wrong")
  }

  @Test func fieldsThatTheOriginalDoesNotMerge() throws {
    let yamls = [
      "name: p\napplications: {a: {type: p, args: [p], user: p}}", "name: c\napplications: {a: {type: c, user: c}}",
    ]
    func original(type: String, user: String) -> JSON {
      let fields = "    rwmutex: {}\n    type: \(type)\n    user: \(user)\n    args:\n    - p\n"
      return ["out": .string("namespace: \"\"\nname: c\napplications:\n  a:\n\(fields)layer: 0\n")]
    }
    #expect(try merge(yamls, original(type: "c", user: "c")) == "equal")
    #expect(try merge(yamls, original(type: "p", user: "c")) == "merge-all-fields")
    #expect(try merge(yamls, original(type: "p", user: "p")) == "wrong")
    let nulls = [yamls[0], "name: c\napplications: {a: {type: c, user: null}}"]
    #expect(try merge(nulls, original(type: "p", user: "p")) == "merge-null-unsets")
    #expect(try merge(nulls, original(type: "p", user: "c")) == "wrong")
  }

  @Test func panics() throws {
    let empty = "name: p\napplications: {}"
    let full = "name: p\napplications: {a: {id: x}}"
    let null = "name: c\napplications: {a: null}"
    let missing: JSON = ["panic": "assignment to entry in nil map"]
    let dereference: JSON = ["panic": "runtime error: invalid memory address or nil pointer dereference"]
    #expect(try merge([empty, full], missing) == "merge-into-nothing")
    #expect(try merge([full, full], missing) == "wrong")
    #expect(try merge([full, null], dereference) == "merge-null-application")
    #expect(try merge([full, full], dereference) == "wrong")
    #expect(try merge([empty, full], ["panic": "other"]) == "wrong")
  }
}
