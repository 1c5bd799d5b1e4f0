import JSON
import Testing

@testable import StackModel

/// YAML of any shape as JSON.
@Suite struct YAMLTextTests {
  private func json(_ text: String, _ change: (inout YAMLLimits) -> Void = { _ in }) throws(YAMLTextError) -> JSON {
    var limits = YAMLLimits()
    change(&limits)
    return try YAMLText.json(Array(text.utf8), limits: limits)
  }

  @Test(
    arguments: [
      ("", .null), ("~", .null), ("on", true), ("0x10", 16),
      ("18446744073709551615", .bigNumber("18446744073709551615")),
      ("1e3", 1000.0), ("'1'", "1"), ("!!str 1", "1"), ("- a\n- - 1\n  - {}", ["a", [1, [:]]]),
      ("1: a\n~: b\nyes: c", ["1": "a", "~": "b", "yes": "c"]), ("a: 1\na: 2", ["a": 2]),
      ("x: &k key\n*k : v", ["x": "key", "key": "v"]),
      (
        "a: &a {x: 1, y: 1}\nb: {y: 2, <<: *a}\nc: {<<: *a, y: 2}",
        [
          "a": ["x": 1, "y": 1], "b": ["y": 1, "x": 1], "c": ["x": 1, "y": 2],
        ]
      ),
      (
        "a: &a {x: 1}\nb: &b {x: 2, y: 2}\nc: {<<: [*a, *b]}",
        [
          "a": ["x": 1], "b": ["x": 2, "y": 2], "c": ["x": 1, "y": 2],
        ]
      ),
      ("a: 1\n---\nb: 2", ["a": 1]),
    ] as [(String, JSON)])
  func reads(text: String, value: JSON) throws {
    #expect(try json(text) == value)
  }

  @Test(arguments: [
    ("a: [", "line 2, column 1: did not find expected node content"),
    ("[a]: 1", "line 1, column 1: a key that is a list or a map"),
    ("a: .inf", "line 1, column 4: a number that JSON has not"),
    ("a:\n  b: *c", "line 2, column 6: unknown anchor 'c' referenced"),
    ("a: &a [*a]", "line 1, column 8: anchor 'a' value contains itself"),
    ("a: &a {<<: *a}", "line 1, column 12: anchor 'a' value contains itself"),
    ("<<: 1", "line 1, column 5: map merge requires map or sequence of maps as the value"),
    ("!!int x", "line 1, column 1: cannot decode !!str `x` as a !!int"),
    ("\u{0}", "line 1, column 1: control characters are not allowed"),
  ])
  func refuses(text: String, message: String) {
    #expect {
      try json(text)
    } throws: { error in
      "\(error)" == message
    }
  }

  @Test func limitsHold() throws {
    let bomb = (0..<30).reduce("a0: &a0 [x]\n") { $0 + "a\($1 + 1): &a\($1 + 1) [*a\($1), *a\($1)]\n" }
    #expect(throws: YAMLTextError.self) { try json(bomb) }
    let merges = (0..<30).reduce("a0: &a0 {x: 1}\n") { $0 + "a\($1 + 1): &a\($1 + 1) {<<: [*a\($1), *a\($1)]}\n" }
    #expect(throws: YAMLTextError.self) { try json(merges) }
    let chain = (0..<90).reduce("a0: &a0 [x]\n") { $0 + "a\($1 + 1): &a\($1 + 1) [*a\($1)]\n" }
    #expect(throws: YAMLTextError.self) { try json(chain) }
    #expect(throws: YAMLTextError.self) { try json(String(repeating: "[", count: 30)) { $0.depth = 20 } }
    #expect(throws: YAMLTextError.self) { try json("[1, 2, 3]") { $0.nodes = 3 } }
    #expect(throws: YAMLTextError.self) { try json("[1, 2, 3]") { $0.size = 3 } }
  }
}
