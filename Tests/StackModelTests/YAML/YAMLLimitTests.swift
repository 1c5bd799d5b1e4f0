import Testing

@testable import StackModel

@Suite struct YAMLLimitTests {
  private func refusal(_ source: String, limits: YAMLLimits = .default) -> String {
    StackDecoding(source, limits: limits).diagnostics.text
  }

  @Test func aBombOfAliasesIsRefused() {
    var source = "x-a: &a0 [lol, lol, lol, lol, lol, lol, lol, lol, lol]\n"
    for level in 1...12 {
      let aliases = Array(repeating: "*a\(level - 1)", count: 9).joined(separator: ", ")
      source += "x-\(level): &a\(level) [\(aliases)]\n"
    }
    source += "applications: {a: {tasks: {t: {k: *a12}}}}\n"
    #expect(refusal(source).contains("error: applications.a.tasks") == false)
    #expect(refusal(source).contains("aliases repeat too much of the document"))
  }

  @Test func longTextsThatAreRepeatedAreRefused() {
    let source =
      "x-t: &t \(String(repeating: "x", count: 1 << 20))\napplications:\n  a:\n    args: ["
      + Array(repeating: "*t", count: 100).joined(separator: ", ") + "]\n"
    #expect(refusal(source).contains("aliases repeat too much of the document"))
  }

  @Test func aChainOfAliasesIsRefusedBeforeTheStackOverflows() {
    var source = "x-0: &a0 [x]\n"
    for level in 1...20_000 { source += "x-\(level): &a\(level) [*a\(level - 1)]\n" }
    source += "applications: {a: {tasks: {t: {k: *a20000}}}}\n"
    #expect(refusal(source).contains("aliases are nested deeper than 100"))
  }

  @Test func deepNestingIsRefused() {
    let flow = "x: " + String(repeating: "[", count: 5_000)
    #expect(refusal(flow).contains("error:"))
    let block = String(repeating: "- ", count: 5_000) + "x"
    #expect(refusal(block).contains("error:"))
    #expect(
      refusal("x: " + String(repeating: "[", count: 99) + String(repeating: "]", count: 99)).contains("nested") == false
    )
    #expect(
      refusal("x: " + String(repeating: "[", count: 100) + String(repeating: "]", count: 100))
        .contains("nested deeper than 100"))
  }

  @Test func largeFilesAreRefused() {
    var limits = YAMLLimits()
    limits.size = 100
    #expect(refusal("name: " + String(repeating: "x", count: 100), limits: limits).contains("larger than 100 bytes"))
    limits.size = 1 << 20
    limits.nodes = 100
    #expect(refusal("x: [" + String(repeating: "a,", count: 200) + "]", limits: limits).contains("more than 100 nodes"))
  }

  @Test func anAnchorThatContainsItselfIsRefused() {
    let decoding = StackDecoding("applications: {a: {tasks: {t: &x {k: *x}}}}")
    #expect(decoding.originalError == "yaml: anchor 'x' value contains itself")
    #expect(StackDecoding("x-a: &x [*x]\nname: n\n").diagnostics.isEmpty, "nobody reads it")
  }

  @Test func aThousandApplicationsWithOneBaseAreFine() {
    var source = "x-base: &base {type: t, cpu: 1, mem: 2, env: {A: a, B: b, C: c}, args: [a, b, c]}\napplications:\n"
    for index in 0..<2_000 { source += "  a\(index): {<<: *base, id: a\(index)}\n" }
    let decoding = StackDecoding(source)
    #expect(decoding.diagnostics.isEmpty)
    #expect(decoding.stack?.applications.count == 2_000)
  }
}
