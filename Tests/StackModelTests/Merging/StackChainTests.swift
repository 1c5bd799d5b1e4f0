import Testing

@testable import StackModel

@Suite struct StackChainTests {
  private let stacks: [String: Stack]

  init() {
    func stack(_ name: String, from: String = "", layer: Int = 0, _ version: String = "") -> Stack {
      var application = Application()
      application.version = version
      application.env = [name: "1"]
      return Stack(name: name, from: from, layer: layer, applications: ["a": application])
    }
    let all = [
      stack("dc", layer: 2, "dc"), stack("cl", from: "dc", layer: 1, "cl"), stack("zn", from: "cl", "zn"),
      stack("two", from: "alone", layer: 0), stack("alone", layer: 1, "alone"),
      stack("upside", from: "down", layer: 1), stack("down", layer: 0), stack("seven", layer: 7),
      stack("root", "root"), stack("middle", from: "root"), stack("leaf", from: "middle"),
      stack("orphan", from: "gone"), stack("x", from: "y"), stack("y", from: "z"), stack("z", from: "y"),
      stack("self", from: "self"),
    ]
    stacks = Dictionary(uniqueKeysWithValues: all.map { ($0.name, $0) })
  }

  private func chain(_ name: String) async throws -> StackChain {
    try await StackChain.complete(try #require(stacks[name])) { stacks[$0] }
  }

  @Test func inheritanceGoesToAnyDepth() async throws {
    let merged = try await chain("leaf").merged
    #expect(merged.name == "leaf")
    #expect(merged.from == "")
    #expect(merged.applications["a"]?.version == "root")
    #expect(merged.applications["a"]?.env.keys == ["root", "middle", "leaf"])

    var deep = StackChain(Stack(name: "s0", from: "s1"))
    for level in 1...5_000 { try deep.add(Stack(name: "s\(level)", from: level < 5_000 ? "s\(level + 1)" : "")) }
    #expect(deep.missingParent == nil)
    #expect(deep.merged.name == "s0")
  }

  @Test func layersAreMergedFromTheDatacenterDown() async throws {
    let merged = try await chain("leaf").merged(inZone: chain("zn"))
    #expect(merged.name == "leaf")
    #expect(merged.layer == 0)
    #expect(merged.applications["a"]?.env.keys == ["dc", "cl", "zn", "root", "middle", "leaf"])
    #expect(merged.applications["a"]?.version == "root", "the stack has the last word")
  }

  @Test func aClusterWithoutDatacenterCounts() async throws {
    let merged = try await chain("middle").merged(inZone: chain("two"))
    #expect(merged.applications["a"]?.env.keys == ["alone", "two", "root", "middle"])
  }

  @Test(arguments: [
    ("orphan", "stack orphan inherits from gone, which does not exist; add gone first"),
    ("self", "stacks inherit from each other: self → self; take one \"from\" away"),
    ("x", "stacks inherit from each other: y → z → y; take one \"from\" away"),
  ])
  func brokenChainsAreErrors(_ name: String, _ message: String) async throws {
    let error = await #expect(throws: InheritanceError.self) { try await chain(name) }
    #expect(error?.description == message)
  }

  @Test func layersInTheWrongOrderAreErrors() async throws {
    let stack = try await chain("root")
    let upside = try await chain("upside")
    var error = #expect(throws: InheritanceError.self) { try stack.merged(inZone: upside) }
    #expect(error?.originalText == "Can't merge layer level 0 with level 1")
    #expect(error?.description.hasPrefix("cluster upside inherits from zone down; ") == true)
    let seven = try await chain("seven")
    error = #expect(throws: InheritanceError.self) { try stack.merged(inZone: seven) }
    #expect(error?.originalText == "Can't create layer seven with level 7")
  }
}
