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
    try await compare(
      functions: functions, context: nil, with: ["reachable.txt", "reachable-stack.txt"],
      and: Self.described(HostFunctions.all).union(Self.declaring),
      before: "local s = stack('k', { vars = { v = var.string {} } }) local a = s:app('a', { id = 'a' })\n",
      after: "\nwalk('s', s) walk('s:app', s.app) walk('a', a)\nreturn s", isStack: true)
  }

  /// The same for a function of a stack, `run` and one of a hook: what its file has is there still, beside its argument.
  @Test(arguments: [StackFunction.run, .hook(application: "a", .afterTask, index: 0)])
  func theGoldenListOfFunctionsOfStacks(function: StackFunction) async throws {
    var context: JSONObject = ["run": ["id": "r1"]]
    if function != .run {
      context["list"] = [1]
      context["app"] = ["id": "/web"]
    }
    let functions = HostFunctions.all(in: function == .run ? .run : .hook)
    let more = function == .run ? [] : ["reachable-hook-function.txt"]
    try await compare(
      functions: functions, context: .object(context),
      with: ["reachable.txt", "reachable-stack.txt", "reachable-function.txt"] + more,
      and: Self.described(functions).union(Self.declaring), before: "local s, a\nlocal function look(...)\n",
      after: """

        walk('s', s) walk('s:app', s.app) walk('a', a) walk('select("#", ...)', select("#", ...))
        local c = ...
        walk('c', c)
        if c.app then walk('c.app:url', c.app.url) walk('c.app:endpoint', c.app.endpoint) end
        end
        s = stack('k', { vars = { v = var.string {} }, run = look })
        a = s:app('a', { id = 'a', after_task = look })
        return s
        """, function: function)
  }

  /// What a stack is declared with.
  private static let declaring = described(
    names: ["stack"] + VariableDeclaration.Kind.allCases.map { "var.\($0.rawValue)" })

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
    before: String = "", after: String = "", isStack: Bool = false, function: StackFunction? = nil
  ) async throws {
    let walk = try Files.text(Files.resource("scripts/reachable.lua"))
    var invocation = Sandbox.invocation(before + walk + after, result: false)
    invocation.declaresStack = isStack
    invocation.function = function
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
