import Testing

@testable import StackModel

@Suite struct DependencyGraphTests {
  private func graph(_ edges: [(String, [String])]) -> DependencyGraph {
    DependencyGraph(edges.map { DependencyGraph.Node(key: "key-\($0.0)", id: $0.0, dependencies: $0.1) })
  }

  @Test func dependenciesComeFirstOtherwiseTheFileDecides() {
    let graph = graph([("web", ["db", "cache"]), ("cache", []), ("db", ["disk"]), ("mail", []), ("disk", [])])
    #expect(graph.order == ["cache", "mail", "disk", "db", "web"])
    #expect(graph.orderOfRemoval == ["web", "db", "disk", "mail", "cache"])
    #expect(graph.problems.isEmpty)
    #expect(graph.dependencies(of: "web") == ["db", "cache"])
    #expect(graph.dependents(of: "disk") == ["db"])
    #expect(graph.allDependents(of: "disk") == ["db", "web"])
  }

  @Test func cyclesAreNamed() {
    let graph = graph([("x", []), ("a", ["b"]), ("b", ["c"]), ("c", ["b"]), ("self", ["self"]), ("late", ["a", "x"])])
    #expect(graph.problems == [.cycle(["b", "c", "b"]), .cycle(["self", "self"])])
    #expect(graph.problems.first?.description == "applications wait for each other: b → c → b")
    #expect(graph.order == ["x"])
  }

  @Test func twoCyclesThroughOneApplicationAreBothNamed() {
    let graph = graph([("a", ["b", "c"]), ("b", ["a"]), ("c", ["a"])])
    #expect(graph.problems == [.cycle(["a", "b", "a"]), .cycle(["a", "c", "a"])])
  }

  @Test func unknownDependenciesAreToldWithTheNearestId() {
    let graph = graph([("kafka", []), ("web", ["kafak", "key-kafka", "elsewhere"])])
    #expect(
      graph.problems.map(\.description) == [
        "application web depends on kafak, which the stack does not have; did you mean kafka?",
        "application web depends on key-kafka, which the stack does not have; did you mean kafka?",
        "application web depends on elsewhere, which the stack does not have; dependencies name the ids of applications of the stack",
      ])
    // What hangs on an unknown one is still ordered; validation has refused the stack before.
    #expect(graph.order == ["kafka", "web"])
  }

  @Test func duplicateIdsAreAProblem() {
    let graph = DependencyGraph([
      .init(key: "one", id: "same", dependencies: []), .init(key: "two", id: "same", dependencies: []),
      .init(key: "none", id: "", dependencies: []), .init(key: "none2", id: "", dependencies: []),
    ])
    #expect(graph.problems == [.duplicateID("same", keys: ["one", "two"])])
    #expect(graph.ids == ["same"])
  }

  @Test func aDependencyNamedTwiceCountsOnce() {
    let graph = graph([("a", []), ("b", ["a", "a"])])
    #expect(graph.order == ["a", "b"])
    #expect(graph.dependencies(of: "b") == ["a"])
  }

  @Test func longChainsAreNoProblem() {
    let chain = (0..<20_000).map { ("a\($0)", $0 == 19_999 ? [] : ["a\($0 + 1)"]) }
    let graph = graph(chain)
    #expect(graph.order.first == "a19999" && graph.order.last == "a0" && graph.problems.isEmpty)
  }

  @Test func skipPatternsAreFoundAnywhereInTheId() throws {
    let skip = try SkipPatterns(["^web", "db$", "nothing"])
    #expect(["web-1", "my-web", "userdb", "db2"].map(skip.skips) == [true, false, true, false])
    #expect(skip.unused(for: ["web-1", "userdb"]) == ["nothing"])
    #expect(throws: PatternError.self) { try SkipPatterns(["("]) }
  }
}
