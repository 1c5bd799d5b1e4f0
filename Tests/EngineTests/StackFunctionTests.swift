import Engine
import EngineFakes
import JSON
import StackModel
import Store
import Testing

/// Functions of Lua stacks, in hooks and in place of the graph, over parents and layers.
@Suite struct StackFunctionTests {
  private static func function(_ hook: HookPlace, of application: String, _ index: Int = 0) -> HookCommand {
    .lua(HookScript(.function(.hook(application: application, hook, index: index)), line: 7))
  }

  private static let run = HookScript(.function(.run), line: 3)

  /// A parent that is Lua: its application has functions after its start and after its tasks.
  private static var parent: Stack {
    Stack(
      name: "base",
      applications: [
        "web": application("a") { application in
          application.hooks.afterScheduler = ["echo up", function(.afterScheduler, of: "web", 1)]
          application.hooks.afterTasks = [function(.afterTasks, of: "web")]
        }
      ])
  }

  private func expectRefusal(
    _ world: World, _ text: String, zone: String = "", sourceLocation: SourceLocation = #_sourceLocation
  ) async throws {
    try await world.serve(world.engine()) { engine in
      let error = await #expect(throws: EngineError.self, sourceLocation: sourceLocation) {
        try await engine.submit(RunRequest(stack: "s", zone: zone, user: "u"))
      }
      #expect(error?.description.contains(text) == true, "\(String(describing: error))", sourceLocation: sourceLocation)
    }
    #expect(try await world.store.runs(matching: RunFilter(), after: nil, limit: 10).elements.isEmpty)
  }

  @Test func aFunctionInAHookRunsInItsPlace() async throws {
    let world = World()
    var own = Self.parent
    own.name = "s"
    try await world.add(own, files: ["stack.lua": "own", "lib/util.lua": "return {}"])
    world.scripts["own web/after_scheduler/1"] = { context, call in
      #expect(context["hook"] == "after_scheduler")
      #expect(context["app"]?["endpoints"] == ["agent-1:31000"])
      _ = try await call("vars.set", ["first", "1"])
    }
    world.scripts["own web/after_tasks/0"] = { _, call in
      let first = try await call("vars.get", ["first"])
      #expect(first == "1")
    }
    let status = try await world.run()
    #expect(status.state == .succeeded, "\(status)")
    #expect(world.hooks.runs == ["echo up"])
    #expect(world.scripts.starts == ["own web/after_scheduler/1", "own web/after_tasks/0"])
  }

  @Test func anInheritedFunctionRunsWithItsOwnStacksFiles() async throws {
    let world = World()
    try await world.add(Self.parent, files: ["stack.lua": "parent"])
    // YAML, which changes a field, and one of the two hooks.
    var child = Stack(name: "s", from: "base")
    child.applications["web"] = Application()
    child.applications["web"]?.mem = 64
    child.applications["web"]?.hooks.afterTasks = ["echo done"]
    try await world.add(child, files: ["s.yaml": "child"])
    world.scripts["parent web/after_scheduler/1"] = { _, _ in }
    let status = try await world.run()
    #expect(status.state == .succeeded, "\(status)")
    #expect(world.scripts.starts == ["parent web/after_scheduler/1"])
    #expect(world.hooks.runs == ["echo up", "echo done"])
    #expect(world.deployed["/a"]?["mem"] == 64)
    #expect(world.deployed["/a"]?["labels"]?["stack"] == "s")
  }

  @Test func aRunKeepsTheFilesThatItWasStartedWith() async throws {
    let world = World()
    try await world.add(Self.parent, files: ["stack.lua": "parent"])
    try await world.add(Stack(name: "s", from: "base"), files: ["s.yaml": "child"])
    world.scripts["parent web/after_scheduler/1"] = { _, call in _ = try await call("approval", ["go"]) }
    world.scripts["parent web/after_tasks/0"] = { _, _ in }
    try await world.serve(world.engine()) { engine in
      let run = try await engine.submit(RunRequest(stack: "s", user: "u"))
      try await eventually("waits") {
        try await engine.status(run).applications.first?.waiting?.cause == .approval("go")
      }
    }
    try await world.add(Self.parent, revision: 2, files: ["stack.lua": "changed"])
    let status = try await world.serve(world.engine()) { engine in
      try await eventually("waits again") {
        try await engine.status(RunID(1)).applications.first?.waiting?.cause == .approval("go")
      }
      try await engine.approve(RunID(1), "go", by: "u")
      return try await engine.waitUntilFinal(RunID(1))
    }
    #expect(status.state == .succeeded, "\(status)")
    #expect(Set(world.scripts.starts) == ["parent web/after_scheduler/1", "parent web/after_tasks/0"])
  }

  @Test func aLuaChildOverAYAMLParentInAZoneOfYAML() async throws {
    let world = World()
    var base = Stack(name: "base", applications: ["web": application("a"), "db": application("b")])
    base.applications["web"]?.hooks.afterTasks = ["echo parent"]
    try await world.add(base, files: ["base.yaml": "parent"])
    var child = Stack(name: "s", from: "base")
    child.applications["web"] = Application()
    child.applications["web"]?.hooks.afterTasks = [Self.function(.afterTasks, of: "web")]
    try await world.add(child, files: ["stack.lua": "child"])
    var layer = Stack(name: "z", layer: 1)
    layer.applications["web"] = Application()
    layer.applications["web"]?.env = ["ZONE": "${zone}"]
    layer.applications["web"]?.hooks.afterTasks = ["echo layer"]
    layer.applications["db"] = Application()
    layer.applications["db"]?.hooks.afterTasks = ["echo layer db"]
    try await world.add(layer, level: .zone, files: ["z.yaml": "layer"])
    world.scripts["child web/after_tasks/0"] = { context, _ in #expect(context["run"]?["zone"] == "z") }
    let status = try await world.serve(world.engine()) { engine in
      try await engine.waitUntilFinal(try await engine.submit(RunRequest(stack: "s", zone: "z", user: "u")))
    }
    #expect(status.state == .succeeded, "\(status)")
    #expect(world.scripts.starts == ["child web/after_tasks/0"])
    #expect(world.hooks.runs == ["echo layer db"])
    #expect(world.deployed["/a"]?["env"]?["ZONE"] == "z")
  }

  @Test func theChildsFunctionReplacesTheParents() async throws {
    let world = World()
    try await world.add(Stack(name: "base", run: Self.run), files: ["stack.lua": "parent"])
    try await world.add(Stack(name: "s", from: "base"), files: ["s.yaml": "yaml"])
    try await world.add(Stack(name: "t", from: "base", run: Self.run), files: ["t.lua": "child"])
    world.scripts["parent run"] = { context, _ in #expect(context["run"]?["stack"] == "s") }
    world.scripts["child run"] = { _, _ in }
    #expect(try await world.run("s").state == .succeeded)
    #expect(try await world.run("t").state == .succeeded)
    #expect(world.scripts.starts == ["parent run", "child run"])
  }

  // MARK: Refusals

  @Test func aFunctionAndAGraphAreRefused() async throws {
    let world = World()
    try await world.add(Self.parent, files: ["stack.lua": "parent"])
    try await world.add(Stack(name: "s", from: "base", run: Self.run), files: ["s.lua": "child"])
    try await expectRefusal(world, "stack s has a function run and applications, from s and from base")
    let other = World()
    try await other.add(
      Stack(name: "s", applications: ["a": application("a")], run: Self.run), files: ["s.lua": "both"])
    try await expectRefusal(other, "stack s has a function run and applications; ")
  }

  /// Whoever has the last word may take the applications away.
  @Test func aChildMayRunWhatItsParentHadAGraphFor() async throws {
    let world = World()
    try await world.add(Self.parent, files: ["stack.lua": "parent"])
    var child = Stack(name: "s", from: "base", run: Self.run)
    var removed = Application()
    removed.isNull = true
    child.applications["web"] = removed
    try await world.add(child, files: ["s.lua": "child"])
    world.scripts["child run"] = { _, _ in }
    let status = try await world.run()
    #expect(status.state == .succeeded, "\(status)")
    #expect(status.applications.map(\.id) == ["s"])
  }

  @Test func aLayerHasNoFunction() async throws {
    let world = World()
    try await world.add(stack(application("a")))
    try await world.add(Stack(name: "z", layer: 1, run: Self.run), level: .zone, files: ["z.lua": "layer"])
    try await expectRefusal(world, "layer z has a function run", zone: "z")
  }

  @Test func aFunctionWithoutItsFileIsRefused() async throws {
    let world = World()
    try await world.add(Stack(name: "s", run: Self.run))
    try await expectRefusal(world, "run is a function of s.yaml, which stack s does not have; add s again")
    let other = World()
    try await other.add(Self.parent, files: ["lib/util.lua": "x"])
    var child = Stack(name: "s", from: "base")
    child.applications["web"] = application("a") { $0.hooks.beforeScheduler = [.lua(HookScript(.file("gone.lua")))] }
    try await other.add(child, files: ["s.yaml": "child"])
    try await expectRefusal(
      other, "Invalid application web: before_scheduler runs gone.lua, which stack s does not have")
  }
}
