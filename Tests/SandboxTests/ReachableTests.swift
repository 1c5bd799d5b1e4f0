import Concurrency
import JSON
import StackModel
import Testing

@testable import ScriptHost

/// What a script can reach is what is written down.
struct ReachableTests {
  /// Walks the environment of a real worker. A difference is a decision: what is new must be harmless, and docs/lua.md name it.
  @Test func theGoldenList() async throws {
    try await compare(functions: [], context: nil, with: ["reachable.txt"])
  }

  /// The same for a hook: beside it `ctx`, and what the registry says, nothing of the prelude that makes it.
  @Test func theGoldenListOfHooks() async throws {
    let context: JSON = ["run": ["id": "r1"], "list": [1], "app": ["id": "/web"]]
    let functions = HostFunctions.all(in: .hook)
    try await compare(
      functions: functions, context: context, with: ["reachable.txt", "reachable-hook.txt"],
      and: Self.described(functions))
  }

  /// The same for the file of a stack: all functions of the host are there, of which most wait for hooks, and what declares. The objects that it
  /// makes are looked at as well.
  @Test func theGoldenListOfStacks() async throws {
    let functions = HostFunctions.all(in: .declare)
    var described = Self.described(HostFunctions.all)
    described.formUnion(
      Self.described(names: ["stack"] + VariableDeclaration.Kind.allCases.map { "var.\($0.rawValue)" }))
    try await compare(
      functions: functions, context: nil, with: ["reachable.txt", "reachable-stack.txt"], and: described,
      before: "local s = stack('k', { vars = { v = var.string {} } }) local a = s:app('a', { id = 'a' })\n",
      after: "\nwalk('s', s) walk('s:app', s.app) walk('a', a)\nreturn s", isStack: true)
  }

  private static func described(_ functions: [HostFunction]) -> Set<String> {
    described(names: functions.flatMap { [$0.name] + ($0.tryName.map { [$0] } ?? []) })
  }

  private static func described(names: [String]) -> Set<String> {
    var described: Set<String> = []
    for name in names {
      described.insert("_ENV.\(name) = function")
      guard let dot = name.firstIndex(of: ".") else { continue }
      described.formUnion(["_ENV.\(name[..<dot]) = table", "getmetatable(_ENV.\(name[..<dot])) = boolean"])
    }
    return described
  }

  private func compare(
    functions: [HostFunction], context: JSON?, with lists: [String], and described: Set<String> = [],
    before: String = "", after: String = "", isStack: Bool = false
  ) async throws {
    let walk = try Files.text(Files.resource("scripts/reachable.lua"))
    var invocation = Sandbox.invocation(before + walk + after, result: false)
    invocation.declaresStack = isStack
    invocation.functions = functions
    invocation.context = context
    let printed = Locked<[UInt8]>([])
    _ = try await Sandbox.host().run(invocation, output: { bytes in printed.withLock { $0 += bytes } })
    let walked = String(decoding: printed.withLock { $0 }, as: UTF8.self)
    let golden = try lists.map { try Files.text(Files.resource($0)) }.joined(separator: "\n")
    let found = Set(walked.split(separator: "\n").map(String.init))
    let expected = Set(golden.split(separator: "\n").map(String.init)).union(described)
    #expect(found.subtracting(expected).sorted() == [], "reachable, and not in the list")
    #expect(expected.subtracting(found).sorted() == [], "in the list, and not reachable")
  }
}
