import StackModel
import Testing

struct GrantCheckTests {
  @Test func malformedGrantsOfAStackAreToldWithTheirPlaces() {
    let source = """
      name: s
      grants:
        - marathon.*
        - "http:10.0.0.0/99"
        - shell
        - "*:/a"
      """
    let check = StackCheck.check(Array(source.utf8), file: "s.yaml")
    #expect(check.stack == nil)
    #expect(check.diagnostics.map(\.code) == [.invalidValue, .invalidValue])
    #expect(check.diagnostics.map { "\($0.file):\($0.line):\($0.column)" } == ["s.yaml:4:5", "s.yaml:6:5"])
    #expect(check.diagnostics.first?.message.hasPrefix("grants[1]: \"http:10.0.0.0/99\" is no grant: ") == true)
  }

  @Test func grantsForNothingAreWarnedOf() {
    var options = StackCheck.Options()
    options.knownOperations = ["marathon.deploy", "shell.run"]
    let source = "name: s\ngrants: [shel, 'marathn.deploy:/a', marathon, '*', 'shell.*', other]"
    let check = StackCheck.check(Array(source.utf8), options: options)
    #expect(check.diagnostics.map(\.code) == [.unknownOperation, .unknownOperation, .unknownOperation])
    #expect(
      check.diagnostics.map(\.hint) == ["did you mean \"shell\"?", "did you mean \"marathon.deploy\"?", nil])
    #expect(check.isAccepted(strict: false) && !check.isAccepted(strict: true))
  }

  @Test func storedStacksAreAskedAgain() {
    let stack = Stack(name: "s", grants: ["shell", "shell:"])
    #expect(
      stack.problems(taskRunners: []).map(\.text) == [
        "Invalid grants: \"shell:\" is no grant: nothing stands behind the ':'; leave it out to grant all that it works on (character 7)"
      ])
  }
}
