import Concurrency
import Engine
import EngineFakes
import JSON
import ScriptHost
import StackModel
import Store
import Testing

/// What the status says of applications that scripts work on.
@Suite struct CalledApplicationTests {
  private static func spec(_ id: String, _ command: String = "run") -> JSON {
    ["id": .string(id), "cmd": .string(command), "cpus": 0.1, "mem": 32, "instances": 1]
  }

  private func world(_ body: @escaping FakeScripts.Body) async throws -> World {
    let world = World()
    try await world.add(
      Stack(name: "s", run: HookScript(.function(.run), line: 3)), files: ["stack.lua": "s"])
    world.scripts["s run"] = body
    return world
  }

  /// As a server sees a run that is over: from its journal.
  private func stored(_ world: World) async throws -> RunStatus {
    try await world.serve(world.engine()) { try await $0.status(RunID(1)) }
  }

  @Test func eachIsSaidWithWhatWasDoneAndWhatItWaitsFor() async throws {
    let world = try await world { _, call in
      let app = try await call("marathon.deploy", [Self.spec("web")])
      _ = try await call("marathon.deploy", [Self.spec("db")])
      _ = try await call("wait_healthy", [app])
    }
    world.cluster.makeSlow()
    let status = try await world.serve(world.engine()) { engine in
      // The clock leaps: it must not leap over this.
      let run = try await engine.submit(RunRequest(stack: "s", maxWait: .seconds(1_000_000), user: "u"))
      try await eventually("waits for the application") {
        let called = try await engine.status(run).applications.first?.called ?? []
        return called.map(\.sentence) == ["created; wait_healthy: 0 of 1 instance run; waits for an offer", "created"]
      }
      let called = try await engine.status(run).applications[0].called
      #expect(called.map(\.id) == ["/web", "/db"])
      #expect(called.map(\.call) == ["wait_healthy", "marathon.deploy"])
      #expect(called.map(\.script) == ["run", "run"])
      #expect(called.map(\.state) == [.running, .done])
      #expect(called.map(\.change) == [.created, .created])
      #expect(called.map(\.waiting?.cause.name) == ["starting", nil])
      #expect(called[0].instances.map { [$0.wanted, $0.running] } == [1, 0])
      #expect(called[0].startedAt != nil && called[0].endedAt == nil)
      // What was seen before it was created is nothing to tell.
      #expect(called[1].instances == nil)
      world.cluster.becomeHealthy("/web")
      return try await engine.waitUntilFinal(run)
    }
    #expect(status.state == .succeeded, "\(status)")
    #expect(status.applications.map(\.id) == ["s"])
    let called = status.applications[0].called
    #expect(called.map(\.sentence) == ["created, 1 of 1 instance runs", "created"])
    #expect(called[0].endpoint == "http://agent-1:31000")
    #expect(try await stored(world).applications[0].called == called)
  }

  @Test func oneLineForEachHoweverOftenItIsCalledFor() async throws {
    let world = try await world { _, call in
      for round in 1...60 {
        for id in ["b", "a"] { _ = try await call("marathon.deploy", [Self.spec(id, "\(round / 20)")]) }
      }
      _ = try await call("marathon.scale", ["/b", 2])
      _ = try await call("marathon.destroy", ["/a"])
    }
    #expect(try await world.run().state == .succeeded)
    let called = try await stored(world).applications[0].called
    #expect(called.map(\.id) == ["/b", "/a"])
    #expect(called.map(\.call) == ["marathon.scale", "marathon.destroy"])
    #expect(called.map(\.sentence) == ["updated", "destroyed"])
  }

  /// The script may go on after it; the line says why all the same.
  @Test func aCallThatFailedSaysWhy() async throws {
    let world = try await world { _, call in
      _ = try await call("marathon.deploy", [Self.spec("web")])
      _ = try? await call("wait_healthy", ["/web", ["timeout": "5s"]])
      _ = try? await call("marathon.restart", ["/none"])
    }
    world.cluster.makeSlow()
    #expect(try await world.run().state == .succeeded)
    let called = try await stored(world).applications[0].called
    #expect(called.map(\.state) == [.failed, .failed])
    #expect(
      called.map(\.sentence) == [
        "created; wait_healthy: not healthy after 5s: 0 of 1 instance run; waits for an offer",
        "restart: there is no application /none",
      ])
    // Not by the journal's name of the call.
    #expect(called.map(\.failure?.application) == ["/web", "/none"])
    #expect(called.allSatisfy { $0.endedAt != nil })
  }

  @Test func hooksHaveTheirOwn() async throws {
    let world = World()
    try await world.add(
      stack(
        application("a") {
          $0.hooks[.beforeScheduler] = [.lua(HookScript(.text("before")))]
          $0.hooks[.afterScheduler] = [.lua(HookScript(.text("after")))]
        }, application("b")))
    world.scripts["before"] = { _, call in _ = try await call("marathon.deploy", [Self.spec("helper")]) }
    world.scripts["after"] = { _, call in
      _ = try await call("marathon.deploy", [Self.spec("helper")])
      _ = try await call("marathon.restart", ["/a"])
    }
    #expect(try await world.run().state == .succeeded)
    let applications = try await stored(world).applications
    #expect(applications.map(\.id) == ["a", "b"])
    #expect(applications[1].called.isEmpty)
    let called = applications[0].called
    #expect(
      called.map { "\($0.script) \($0.id) \($0.sentence)" } == [
        "before_scheduler /helper created", "after_scheduler /helper unchanged", "after_scheduler /a restarted",
      ])
    // The application's own line is of what the stack has done to it.
    #expect(applications[0].change == .created)
    #expect(applications[0].instances?.running == 1)
  }

  @Test func aCallThatHasToWaitForAnotherSaysSo() async throws {
    let world = try await world { _, call in
      try await call.parallel([
        { call in try await call("marathon.deploy", [Self.spec("web", "one")]) },
        { call in try await call("marathon.deploy", [Self.spec("web", "two")]) },
      ])
    }
    let locked = ClusterError(.locked(deployments: ["d-9"]), "locked")
    world.cluster.state.withLock { $0.refusals["create /web"] = Array(repeating: locked, count: 100_000) }
    let status = try await world.serve(world.engine()) { engine in
      let run = try await engine.submit(RunRequest(stack: "s", maxWait: .seconds(1_000_000), user: "u"))
      try await eventually("the second waits") {
        try await engine.status(run).applications.first?.called.map(\.sentence)
          == ["deploy: waits for the call before it"]
      }
      try await engine.cancel(run, by: "u")
      return try await engine.waitUntilFinal(run)
    }
    #expect(status.applications[0].called.map(\.sentence) == ["deploy: not started"])
  }

  /// At every commit of the journal.
  @Test func afterARestartTheSameIsSaid() async throws {
    let body: FakeScripts.Body = { _, call in
      let web = try await call("marathon.deploy", [Self.spec("web")])
      _ = try await call("wait_healthy", [web])
      _ = try await call("marathon.deploy", [Self.spec("old")])
      _ = try await call("marathon.destroy", ["/old"])
    }
    let calm = try await world(body)
    #expect(try await calm.run().state == .succeeded)
    let wanted = try await stored(calm).applications[0].called.map(\.sentence)
    #expect(wanted == ["created, 1 of 1 instance runs", "destroyed"])
    let entries = try await calm.store.journal(of: RunID(1), after: 0, limit: 1_000).count
    for kill in 1...entries {
      let world = try await world(body)
      let status = try await world.runOverRestart(atEntry: kill)
      #expect(status.applications[0].called.map(\.sentence) == wanted, "after entry \(kill): \(status)")
    }
  }

  @Test func whatIsRemovedIsNoCall() async throws {
    let world = try await world { _, call in
      for id in ["blue", "green"] { _ = try await call("marathon.deploy", [Self.spec(id)]) }
    }
    #expect(try await world.run().state == .succeeded)
    let status = try await world.serve(world.engine()) { engine in
      try await engine.waitUntilFinal(try await engine.submit(RunRequest(kind: .down, stack: "s", user: "u")))
    }
    #expect(Set(status.applications.map(\.id)) == ["/blue", "/green"])
    #expect(status.applications.allSatisfy { $0.called.isEmpty && $0.change == .destroyed })
  }

  @Test func whatTheRunEndsInTheMiddleOfIsStopped() async throws {
    let world = try await world { _, call in
      _ = try await call("marathon.deploy", [Self.spec("web")])
      _ = try await call("wait_healthy", ["/web"])
    }
    world.cluster.makeSlow()
    let status = try await world.serve(world.engine()) { engine in
      let run = try await engine.submit(RunRequest(stack: "s", maxWait: .seconds(1_000_000), user: "u"))
      try await eventually("waits") {
        try await engine.status(run).applications.first?.called.first?.waiting != nil
      }
      try await engine.cancel(run, by: "u")
      return try await engine.waitUntilFinal(run)
    }
    #expect(status.applications[0].called.map(\.state) == [.stopped])
    #expect(status.applications[0].called.map(\.sentence) == ["created; wait_healthy: stopped"])
    #expect(status.applications[0].called[0].waiting == nil)
  }
}
