import JSON
import StackModel
import Testing

/// `vars` of a stack: what it declares of its variables.
@Suite struct DeclaredVariablesTests {
  private static let all = """
    name: s
    vars:
      brokers: { type: integer, default: 3, min: 1, max: 32, doc: number of brokers }
      ratio: { type: number, default: 0.5, min: 0.25 }
      audit: { type: boolean, default: false }
      size: { choices: [small, large], default: small }
      port.range: { type: integer, choices: [31000, 32000], default: 31000 }
      version: { default: "0.10" }
      region:

    """

  private func decode(_ variables: String, _ rest: String = "") -> StackDecoding {
    StackDecoding("name: s\nvars:\n\(variables)\n\(rest)", file: "s.yaml")
  }

  @Test func eachKindIsRead() throws {
    let decoding = StackDecoding(Self.all, file: "s.yaml")
    #expect(decoding.diagnostics.isEmpty, "\(decoding.diagnostics.text)")
    #expect(
      decoding.stack?.variables == [
        "brokers": VariableDeclaration(.integer, standard: "3", minimum: 1, maximum: 32, doc: "number of brokers"),
        "ratio": VariableDeclaration(.number, standard: "0.5", minimum: 0.25),
        "audit": VariableDeclaration(.boolean, standard: "false"),
        "size": VariableDeclaration(.string, standard: "small", choices: ["small", "large"]),
        "port.range": VariableDeclaration(.integer, standard: "31000", choices: ["31000", "32000"]),
        "version": VariableDeclaration(.string, standard: "0.10"),
        "region": VariableDeclaration(.string),
      ])
  }

  @Test func whatIsShownIsReadAgain() throws {
    let stack = try #require(StackDecoding(Self.all).stack)
    let shown = StackYAML.text(stack)
    for line in ["min: 0.25", "max: 32", "default: \"0.10\"", "default: 3", "default: false"] {
      #expect(shown.contains(" \(line)\n"), "\(shown)")
    }
    #expect(StackDecoding(shown).stack == stack, "\(shown)")
    #expect(try Stack(json: stack.json) == stack)
  }

  @Test(arguments: [
    (
      "  n: { type: integr }", "3:14",
      "unknown type \"integr\" (one of string, integer, number, boolean, did you mean integer?"
    ),
    ("  n: { type: integer, default: three }", "3:32", "it must be a whole number"),
    ("  n: { type: integer, default: 3.5 }", "3:32", "it must be a whole number"),
    ("  n: { type: integer, default: 0, min: 1, max: 9 }", "3:32", "it must be a whole number from 1 to 9"),
    ("  n: { type: number, default: .inf }", "3:31", "it must be a number"),
    ("  n: { type: number, default: -1, min: 0 }", "3:31", "it must be a number, at least 0"),
    ("  n: { type: number, default: 2, max: 1.5 }", "3:31", "it must be a number, at most 1.5"),
    ("  n: { type: boolean, default: yes }", "3:32", "it must be true or false"),
    ("  n: { choices: [a, b], default: c }", "3:34", "it must be one of a, b"),
    ("  n: { type: integer, max: 5, choices: [1, two, 7] }", "3:44", "it must be a whole number, at most 5"),
    ("  n: { type: integer, min: 5, max: 4 }", "3:36", "it is below min, which is 5"),
    ("  n: { type: integer, min: .nan }", "3:28", "must be a number that has an end"),
    ("  n: { type: integer, min: few }", "3:28", "expected a number"),
    ("  n: { min: 5 }", "3:13", "only numbers have min (type: integer, or type: number)"),
    ("  n: { default: [1] }", "3:17", "expected a text, found a list"),
    ("  n: 3", "3:6", "expected a map such as { type: integer, default: 3 }, found the number 3"),
    ("  [1]", "3:3", "expected a map of variables, found a list"),
    ("  no name: {}", "3:3", "a variable's name has letters, digits, _, - and ., and begins with a letter or _"),
    ("  \"\": {}", "3:3", "a variable's name has letters"),
    ("  1st: {}", "3:3", "a variable's name has letters"),
  ])
  func mistakesAreToldAtTheirPlaces(_ variables: String, _ place: String, _ text: String) throws {
    let decoding = decode(variables)
    let errors = decoding.diagnostics.errors
    let error = try #require(errors.first, "\(decoding.diagnostics)")
    #expect("\(error)".hasPrefix("s.yaml:\(place): error: vars"), "\(error)")
    #expect("\(error)".contains(text), "\(error)")
  }

  @Test func allOfThemComeAtOnce() {
    let decoding = decode(
      """
        a: { type: integer, min: 1, default: 0, choices: [0, 1] }
        b: { type: text }
        c: { doc: [x] }
      """)
    #expect(
      decoding.diagnostics.errors.map(\.line) == [3, 3, 4, 5], "\(decoding.diagnostics.text)")
  }

  @Test func unknownFieldsAreWarnedOf() {
    let decoding = decode("  a: { defualt: 3 }")
    #expect(decoding.diagnostics.map(\.severity) == [.warning])
    #expect(decoding.diagnostics.first?.hint == "did you mean \"default\"?")
  }

  @Test func whatRunsSetCannotBeDeclared() {
    let application = "applications:\n  web: { type: web, id: shop, cpu: 0.1, mem: 16, launch_command: x }\n"
    let variables = ["zone", "mesos.master", "shop.host", "shop", "shopping.host"].map { "  \($0): {}\n" }.joined()
    let source = "name: s\nvars:\n\(variables)\(application)"
    let check = StackCheck.check(Array(source.utf8), file: "s.yaml")
    #expect(
      check.diagnostics.map(\.description) == [
        "s.yaml:3:3: error: vars.zone: every run sets the variable zone itself; take another name",
        "s.yaml:4:3: error: vars.mesos.master: every run sets the variable mesos.master itself; take another name",
        "s.yaml:5:3: error: vars.shop.host: variables that begin with shop. are set by the application shop; take another name",
      ], "\(check.diagnostics.text)")
    // Also what an application of the parent sets.
    var options = StackCheck.Options()
    options.parent = StackDecoding("name: p\n\(application)").stack
    let child = StackCheck.check(Array("name: s\nfrom: p\nvars: { shop.api: {} }\n".utf8), options: options)
    #expect(child.diagnostics.errors.count == 1, "\(child.diagnostics.text)")
  }

  @Test func aChildDeclaresOnTop() throws {
    let parent = try #require(decode("  a: { default: 1 }\n  b: { default: 2 }").stack)
    let child = try #require(decode("  b: { type: integer, min: 3 }\n  c: {}").stack)
    let merged = parent.merging(child)
    #expect(merged.variables.keys == ["a", "b", "c"])
    #expect(merged.variables["b"] == VariableDeclaration(.integer, minimum: 3))
    #expect(merged.declaredDefaults == ["a": "1"])
  }

  @Test(arguments: [
    (VariableDeclaration(.integer), "42", true), (VariableDeclaration(.integer), "-7", true),
    (VariableDeclaration(.integer), "4.0", false), (VariableDeclaration(.integer), " 4", false),
    (VariableDeclaration(.integer), "0x10", false), (VariableDeclaration(.integer), "", false),
    (VariableDeclaration(.integer), "99999999999999999999", false),
    (VariableDeclaration(.integer, minimum: 1, maximum: 3), "3", true),
    (VariableDeclaration(.integer, minimum: 1, maximum: 3), "4", false),
    (VariableDeclaration(.number), "1e3", true), (VariableDeclaration(.number), "-.5", true),
    (VariableDeclaration(.number), "infinity", false), (VariableDeclaration(.number), "1e999", false),
    (VariableDeclaration(.number), "0x1p3", false), (VariableDeclaration(.number), "nan", false),
    (VariableDeclaration(.boolean), "true", true), (VariableDeclaration(.boolean), "True", false),
    (VariableDeclaration(.string), "", true), (VariableDeclaration(.string, choices: ["a"]), "b", false),
  ])
  func values(_ variable: VariableDeclaration, _ value: String, _ isAllowed: Bool) {
    #expect(variable.allows(value) == isAllowed)
  }
}
