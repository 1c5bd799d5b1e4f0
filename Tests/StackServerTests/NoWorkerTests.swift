import Concurrency
import ScriptHost
import StackAPI
import StackModel
import Store
import Testing

@testable import StackServer

/// Where nothing runs Lua: stacks of YAML are taken, others are refused with the reason.
@Suite struct NoWorkerTests {
  private let catalog = StackCatalog(
    store: MemoryStore(), time: SystemTime(), isLasting: false,
    scripts: .failure(ScriptFailure(.helper, "cannot find the program script-worker")))

  @Test func aStackThatIsLuaIsRefusedWithTheReason() async throws {
    let error = try #require(
      await #expect(throws: StackCatalogError.self) {
        try await catalog.add(.init(source: "return stack('a')", file: "a.lua", user: ""))
      })
    let refusal = Refusal(catalog: error)
    #expect(refusal.status == 503)
    #expect(
      refusal.error.message == "stacks that are Lua cannot be added: cannot find the program script-worker")
    #expect(try await catalog.add(.init(source: "name: a\n", file: "a.yaml", user: "")).record.name == "a")
  }
}
