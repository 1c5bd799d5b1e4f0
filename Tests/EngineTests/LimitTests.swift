import Concurrency
import Engine
import EngineFakes
import JSON
import StackModel
import Store
import Testing

@Suite(.timeLimit(.minutes(1))) struct LimitTests {
  @Test func aJournalThatIsFullEndsItsRun() async throws {
    let world = World()
    try await world.add(stack((0..<20).map { application("a\($0)", after: $0 == 0 ? [] : ["a\($0 - 1)"]) }))
    let engine = world.engine { $0.limits.journalEntries = 30 }
    let status = try await world.serve(engine) { engine in
      try await engine.waitUntilFinal(try await engine.submit(RunRequest(stack: "s", user: "u")))
    }
    #expect(status.state == .failed)
    #expect(status.failure?.reason.contains("30 entries") == true)
    #expect(world.cluster.effects.count < 20)
  }

  @Test func aSlowFollowerMissesNothing() async throws {
    let world = World()
    try await world.add(stack((0..<100).map { application("a\($0)") }))
    try await world.serve(world.engine()) { engine in
      let run = try await engine.submit(RunRequest(stack: "s", user: "u"))
      var events = try await engine.events(run, after: 0).makeAsyncIterator()
      let first = try await events.next()
      #expect(first?.kind == .accepted)
      // By then far more has happened than is kept for followers.
      #expect(try await engine.waitUntilFinal(run).state == .succeeded)
      var sequences: [Int64] = [1]
      while let event = try await events.next() { if let sequence = event.sequence { sequences.append(sequence) } }
      #expect(sequences == Array(1...Int64(sequences.count)))
      #expect(sequences.count > 500)
    }
  }

  @Test func runsThatEndedLongAgoAreRemoved() async throws {
    let world = World()
    try await world.add(stack(application("a")))
    let run = try await world.serve(world.engine()) { engine in
      let run = try await engine.submit(RunRequest(stack: "s", user: "u"))
      _ = try await engine.waitUntilFinal(run)
      return run
    }
    world.time.advance(by: .seconds(7_200))
    try await world.serve(world.engine { $0.retention = .seconds(3_600) }) { _ in
      try await eventually("it is removed") { try await world.store.run(run) == nil }
    }
    // What it deployed is still the stack's.
    #expect(try await world.owned().keys.sorted() == ["/a"])
  }

  @Test func ofOneUserTheNewestRunOfAStackIsKept() async throws {
    let world = World()
    try await world.add(stack(application("a")))
    let runs = try await world.serve(world.engine()) { engine in
      var runs: [RunID] = []
      for user in ["lasting", "lasting", "u"] {
        runs.append(try await engine.submit(RunRequest(stack: "s", user: user)))
        _ = try await engine.waitUntilFinal(runs[runs.count - 1])
      }
      return runs
    }
    world.time.advance(by: .seconds(7_200))
    try await world.serve(
      world.engine { options in
        options.retention = .seconds(3_600)
        options.lastingUser = "lasting"
      }
    ) { _ in
      try await eventually("the others are removed") {
        let first = try await world.store.run(runs[0])
        let last = try await world.store.run(runs[2])
        return first == nil && last == nil
      }
    }
    #expect(try await world.store.run(runs[1])?.state == .succeeded)
  }

  @Test func anyHealthyInstanceMayBeEnough() async throws {
    for rule in RunRequest.Healthy.allCases {
      let world = World()
      try await world.add(stack(application("a") { $0.instances = "2" }))
      world.cluster.makeSlow()
      world.time.hold()
      let status = try await world.serve(world.engine()) { engine in
        let run = try await engine.submit(RunRequest(stack: "s", maxWait: .seconds(30), healthy: rule, user: "u"))
        try await eventually("the application is there") { world.cluster.apps["/a"] != nil }
        world.cluster.change("/a") { $0.running = 1 }
        world.time.release()
        return try await engine.waitUntilFinal(run)
      }
      #expect(status.state == (rule == .any ? .succeeded : .failed))
    }
  }

  @Test func aStackRunsOverTheLayersOfItsZone() async throws {
    let world = World()
    func layer(_ name: String, from: String, _ level: LayerLevel, mem: Double) async throws {
      var base = application("a") { $0.mem = mem }
      base.env["FROM_\(level.name)"] = name
      try await world.add(Stack(name: name, from: from, applications: ["a": base]), level: level)
    }
    try await layer("dc", from: "", .datacenter, mem: 1)
    try await layer("cl", from: "dc", .cluster, mem: 2)
    try await layer("z", from: "cl", .zone, mem: 3)
    try await layer("bad", from: "z", .datacenter, mem: 3)
    var overlay = Application()
    overlay.env["OWN"] = "${zone}"
    try await world.add(Stack(name: "s", applications: ["a": overlay]))
    try await world.serve(world.engine()) { engine in
      let status = try await engine.waitUntilFinal(
        try await engine.submit(RunRequest(stack: "s", zone: "z", user: "u")))
      #expect(status.state == .succeeded, "\(String(describing: status.failure))")
      let error = await #expect(throws: EngineError.self) {
        try await engine.submit(RunRequest(stack: "s", zone: "bad", user: "u"))
      }
      #expect(error?.originalText == "Can't merge layer level 0 with level 2")
    }
    let definition = try #require(world.deployed["/a"])
    #expect(definition["mem"] == 3)
    #expect(definition["labels"] == ["stack": "s", "zone": "z"])
    #expect(definition["env"]?["OWN"] == "z")
    #expect(definition["env"]?["FROM_datacenter"] == "dc")
    #expect(try await world.store.owner(of: "/a")?.zone == "z")
  }
}
