import Concurrency
import JSON
import ScriptHost
import Testing

/// What a script can reach is what is written down.
struct ReachableTests {
  /// Walks the environment of a real worker. A difference is a decision: what is new must be harmless, and docs/lua.md name it.
  @Test func theGoldenList() async throws {
    try await compare(functions: [], context: nil, with: ["reachable.txt"])
  }

  /// The same for a hook: all functions of the registry, and `ctx`.
  @Test func theGoldenListOfHooks() async throws {
    let context: JSON = ["run": ["id": "r1"], "list": [1], "app": ["id": "/web"]]
    try await compare(
      functions: HostFunctions.all(in: .hook), context: context, with: ["reachable.txt", "reachable-hook.txt"])
  }

  private func compare(functions: [HostFunction], context: JSON?, with lists: [String]) async throws {
    var invocation = try Sandbox.invocation(Files.text(Files.resource("scripts/reachable.lua")), result: false)
    invocation.functions = functions
    invocation.context = context
    let printed = Locked<[UInt8]>([])
    _ = try await Sandbox.host().run(invocation, output: { bytes in printed.withLock { $0 += bytes } })
    let walked = String(decoding: printed.withLock { $0 }, as: UTF8.self)
    let golden = try lists.map { try Files.text(Files.resource($0)) }.joined(separator: "\n")
    let (found, expected) = (Set(walked.split(separator: "\n")), Set(golden.split(separator: "\n")))
    #expect(found.subtracting(expected).sorted() == [], "reachable, and not in the list")
    #expect(expected.subtracting(found).sorted() == [], "in the list, and not reachable")
  }
}
