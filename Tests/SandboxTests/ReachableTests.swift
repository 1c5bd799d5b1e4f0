import Glibc
import Testing

/// What a script can reach is what is written down.
struct ReachableTests {
  /// Walks the environment of a real worker. A difference is a decision: what is new must be harmless, and docs/lua.md name it.
  @Test func theGoldenList() async throws {
    let walked = try await Sandbox.output(Files.text(Files.resource("scripts/reachable.lua")))
    let golden = try Files.text(Files.resource("reachable.txt"))
    let (found, expected) = (Set(walked.split(separator: "\n")), Set(golden.split(separator: "\n")))
    #expect(found.subtracting(expected).sorted() == [], "reachable, and not in the list")
    #expect(expected.subtracting(found).sorted() == [], "in the list, and not reachable")
  }
}
