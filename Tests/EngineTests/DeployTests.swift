import Concurrency
import Engine
import EngineFakes
import JSON
import StackModel
import Store
import Testing

@Suite struct DeployTests {
  @Test func oneApplicationIsDeployedAndOwned() async throws {
    let world = World()
    try await world.add(stack(application("a")))
    let status = try await world.serve(world.engine()) { engine in
      let run = try await engine.submit(RunRequest(stack: "s", user: "u"))
      return try await engine.waitUntilFinal(run)
    }
    #expect(status.state == .succeeded, "\(status)")
    #expect(world.cluster.effects == ["create /a"])
    #expect(status.applications.map(\.change) == [.created])
    #expect(status.variables["a.host"] == "agent-1")
    #expect(status.variables["a.api"] == "http://agent-1:31000")
    #expect(try await world.owned().keys.sorted() == ["/a"])
  }

  @Test func dependentsStartWhenTheirDependenciesAreDone() async throws {
    let world = World()
    try await world.add(
      stack(
        application("d", after: ["b", "c"]), application("b", after: ["a"]), application("c", after: ["a"]),
        application("a")))
    let status = try await world.serve(world.engine()) { engine in
      try await engine.waitUntilFinal(try await engine.submit(RunRequest(stack: "s", user: "u")))
    }
    #expect(status.state == .succeeded)
    #expect(world.cluster.effects.first == "create /a")
    #expect(world.cluster.effects.last == "create /d")
    #expect(world.cluster.effects.count == 4)
  }
}
