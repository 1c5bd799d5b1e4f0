import Concurrency
import Engine
import EngineFakes
import JSON
import ScriptHost
import StackModel
import Store
import Testing

/// What scripts and hooks may do, and what is kept of it.
@Suite struct ScriptGrantTests {
  private static let green: JSON = ["id": "/green", "cmd": "run", "cpus": 0.1, "mem": 32, "instances": 1]

  private func run(
    _ world: World, _ server: [String] = [], regular: [String] = [], shell: Bool = true, role: UserRole = .admin
  ) async throws -> RunStatus {
    let grants = try ServerGrants(server, regular: regular, allowsShell: shell)
    return try await world.serve(world.engine { $0.grants = grants }) { engine in
      try await engine.waitUntilFinal(try await engine.submit(RunRequest(stack: "s", user: "u", role: role)))
    }
  }

  private static func denial(_ call: () async throws -> JSON) async -> HostCallFailure? {
    do {
      _ = try await call()
      return nil
    } catch {
      return (error as? HostCallFailure).flatMap { $0.code == .denied ? $0 : nil }
    }
  }

  private static func expectDenial(
    sourceLocation: SourceLocation = #_sourceLocation, _ call: () async throws -> JSON
  ) async {
    let failure = await denial(call)
    #expect(failure != nil, sourceLocation: sourceLocation)
  }

  @Test func eachOfThreeMayDenyAndIsNamed() async throws {
    for (server, grants, regular, by) in [
      (["shell"], nil, [], "server"), (["*"], ["shell"], [], "stack"), (["*"], [], [], "stack"),
      (["*"], nil, ["shell"], "role"), (["marathon:/blue"], nil, [], "server"),
    ] as [([String], [String]?, [String], String)] {
      let world = try await World.scripted(grants: grants) { _, call in
        let failure = await Self.denial { try await call("marathon.deploy", [Self.green]) }
        #expect(failure?.details["by"]?.stringValue == by)
        #expect(failure?.details["resource"] == "/green")
        // What stays inside the run needs no grant.
        _ = try await call("vars.set", ["a", "b"])
        _ = try await call("log.info", ["c"])
      }
      let status = try await run(world, server, regular: regular, role: regular.isEmpty ? .admin : .regular)
      #expect(status.state == .succeeded, "\(status)")
      #expect(world.cluster.effects == ["create /a"])
      let events = try await world.store.journal(of: RunID(1), after: 0, limit: 1_000)
        .compactMap { RunEvent($0, of: RunID(1)) }
      #expect(
        events.contains {
          $0.kind == .call && $0.sentence.contains("marathon.deploy:/green is not") && $0.application == "a"
        })
    }
  }

  @Test func idsAreSeenAsTheClusterSeesThem() async throws {
    let world = try await World.scripted { _, call in
      for id in ["green", "//green/", "/green"] {
        await Self.expectDenial { try await call("marathon.deploy", [["id": .string(id)]]) }
      }
      for id in ["/blue/../green", "/blue/./x", ".."] {
        await #expect(throws: HostCallFailure.self) { try await call("marathon.deploy", [["id": .string(id)]]) }
      }
    }
    #expect(try await run(world, ["marathon:/blue*"]).state == .succeeded)
    #expect(world.cluster.effects == ["create /a"])
  }

  /// What was denied stays denied where the script is run again, whatever the next server grants; so the script goes the same way.
  @Test func aDenialIsAnsweredFromTheJournal() async throws {
    let isKilled = AsyncSignal()
    let world = try await World.scripted { _, call in
      await Self.expectDenial { try await call("marathon.deploy", [Self.green]) }
      if isKilled.isFired { return }
      isKilled.fire()
      try await Task.sleep(for: .seconds(3600))
    }
    let strict = try ServerGrants(["shell"])
    try await world.serve(world.engine { $0.grants = strict }) { engine in
      _ = try await engine.submit(RunRequest(stack: "s", user: "u"))
      try await isKilled.wait()
    }
    let status = try await world.serve(world.engine()) { try await $0.waitUntilFinal(RunID(1)) }
    #expect(status.state == .succeeded, "\(status)")
    #expect(world.cluster.effects == ["create /a"])
  }

  @Test func aStackWithMalformedGrantsIsNotRun() async throws {
    let world = try await World.scripted(grants: ["shell", "http:127.1"]) { _, _ in }
    await #expect(throws: EngineError.self) { try await run(world) }
  }

  @Test func shellHooksCanBeTakenAway() async throws {
    for (server, grants, shell, sentence) in [
      ([], nil, false, "--hooks.shell off"), (["marathon"], nil, true, "--script.grant"),
      ([], ["marathon"], true, "grants of the stack"),
    ] as [([String], [String]?, Bool, String)] {
      let world = World()
      var definition = stack(application("a") { $0.hooks[.beforeScheduler] = ["echo hello"] })
      definition.grants = grants
      try await world.add(definition)
      let status = try await run(world, server, shell: shell)
      #expect(status.state == .failed)
      #expect(status.failure?.reason.contains(sentence) == true, "\(status)")
      #expect(world.hooks.runs.isEmpty)
      #expect(world.cluster.effects.isEmpty)
    }
  }

  // MARK: http

  @Test func requestsReachTheRunsOwnApplicationsAlone() async throws {
    let world = try await World.scripted { _, call in
      let answer = try await call("http.get", ["http://agent-1:31000/x"])
      #expect(answer["body"] == "ok")
      for url in [
        "http://agent-1:31001/x", "http://agent-2:31000/x", "http://127.0.0.1:31000/x", "http://169.254.169.254",
      ] {
        await Self.expectDenial { try await call("http.get", [.string(url)]) }
      }
    }
    #expect(try await run(world).state == .succeeded)
    #expect(world.web.requests == ["GET http://agent-1:31000/x"])
  }

  @Test func whatIsGrantedIsReachedWhereItsAddressIsFine() async throws {
    let world = try await World.scripted { _, call in
      _ = try await call("http.put", ["http://a.internal/x", ["json": ["a": 1]]])
      await Self.expectDenial { try await call("http.get", ["http://b.example/x"]) }
    }
    #expect(try await run(world, ["default", "http:*.internal"]).state == .succeeded)
    #expect(world.web.requests == ["PUT http://a.internal:80/x"])
    world.scripts["script"] = { _, call in
      await Self.expectDenial { try await call("http.get", ["http://a.internal/x"]) }
    }
    // The same name, which stands for another address now.
    world.web.state.withLock { $0.address = "127.0.0.1" }
    #expect(try await run(world, ["default", "http:*.internal"]).state == .succeeded)
    #expect(world.web.requests.count == 1)
  }

  /// Somebody else's application does not become the run's own by being waited for, nor one of its name before it is launched.
  @Test func othersApplicationsAreNotOwn() async throws {
    let world = World()
    try await world.add(Stack(name: "t", applications: ["other": application("other")]))
    try await world.serve(world.engine()) { engine in
      _ = try await engine.waitUntilFinal(try await engine.submit(RunRequest(stack: "t", user: "u")))
    }
    try await world.add(
      stack(application("other") { $0.hooks[.beforeScheduler] = [.lua(HookScript(.text("script")))] }))
    world.scripts["script"] = { _, call in
      _ = try await call("wait_healthy", ["/other"])
      await Self.expectDenial { try await call("http.get", ["http://agent-1:31000/x"]) }
    }
    #expect(try await run(world).state == .failed)
    #expect(world.web.requests.isEmpty)
  }

  @Test func applicationsThatAreLeftOutAreTheStacksOwn() async throws {
    let world = World()
    let script = HookCommand.lua(HookScript(.text("script")))
    try await world.add(stack(application("a"), application("b") { $0.hooks[.beforeScheduler] = [script] }))
    world.scripts["script"] = { _, _ in }
    #expect(try await run(world).state == .succeeded)
    world.scripts["script"] = { _, call in _ = try await call("http.get", ["http://agent-1:31000/x"]) }
    let status = try await world.serve(world.engine()) { engine in
      try await engine.waitUntilFinal(try await engine.submit(RunRequest(stack: "s", skip: ["a"], user: "u")))
    }
    #expect(status.state == .succeeded, "\(status)")
    #expect(world.web.requests == ["GET http://agent-1:31000/x"])
  }

  @Test func secretsOfRequestsAreInNoEvent() async throws {
    let world = try await World.scripted { _, call in
      let options: JSON = [
        "headers": ["Authorization": "s3cret"], "json": ["password": "s3cret"], "query": ["token": "s3cret"],
      ]
      _ = try await call("http.post", ["http://agent-1:31000/x?key=s3cret", options])
      await Self.expectDenial { try await call("http.post", ["http://b.example/?key=s3cret", options]) }
      _ = try await call("shell.run", ["deploy.sh", ["env": ["TOKEN": "s3cret"]]])
    }
    world.web.state.withLock { $0.body = "s3cret, too" }
    let status = try await run(world)
    #expect(status.state == .succeeded, "\(status)")
    for record in try await world.store.journal(of: RunID(1), after: 0, limit: 1_000) {
      let event = try #require(RunEvent(record, of: RunID(1)))
      #expect(!"\(event)".contains("s3cret"), "\(event)")
      // Of an answer the script has to get the same again.
      if record.kind != "answered" { #expect(!record.body.text.contains("s3cret"), "\(record)") }
    }
  }

  @Test func aPostOnItsWayBlocksUnlessItIsIdempotent() async throws {
    for isIdempotent in [false, true] {
      let world = try await World.scripted { _, call in
        _ = try await call("http.post", ["http://agent-1:31000/x", ["idempotent": .bool(isIdempotent)]])
      }
      world.web.state.withLock { $0.isSilent = true }
      try await world.serve(world.engine { $0.stopGrace = .zero }) { engine in
        _ = try await engine.submit(RunRequest(stack: "s", user: "u"))
        try await world.web.isAsked.wait()
      }
      world.web.state.withLock { $0.isSilent = false }
      let status = try await world.serve(world.engine()) { engine in
        let status = try await engine.waitUntilSettled(RunID(1))
        guard !isIdempotent else { return status }
        #expect(status.state == .blocked)
        #expect(status.failure?.reason.contains("POST http://agent-1:31000/x was carried out") == true, "\(status)")
        #expect(world.web.requests.count == 1)
        try await engine.resume(RunID(1), .retryStep, by: "u")
        return try await engine.waitUntilFinal(RunID(1))
      }
      #expect(status.state == .succeeded, "\(status)")
      #expect(world.web.requests == Array(repeating: "POST http://agent-1:31000/x", count: 2))
    }
  }
}
