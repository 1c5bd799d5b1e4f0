import Concurrency
import Engine
import EngineFakes
import JSON
import StackModel
import Store
import Testing

/// Variables that a stack declares, and what its runs are given.
@Suite struct DeclaredVariableTests {
  private func world(_ variables: OrderedMap<VariableDeclaration>) async throws -> World {
    let world = World()
    var definition = stack(application("a") { $0.env = ["BROKERS": "${brokers}"] })
    definition.variables = variables
    try await world.add(definition)
    return world
  }

  private func run(
    _ world: World, _ variables: OrderedMap<String> = [:], server: OrderedMap<String> = [:]
  ) async throws -> RunStatus {
    try await world.serve(world.engine { $0.globalVariables = server }) { engine in
      try await engine.waitUntilFinal(
        try await engine.submit(RunRequest(stack: "s", variables: variables, user: "u")))
    }
  }

  private func problems(
    _ world: World, _ variables: OrderedMap<String> = [:], server: OrderedMap<String> = [:]
  ) async throws -> [String] {
    let error = await #expect(throws: EngineError.self) { try await run(world, variables, server: server) }
    #expect(error?.code == .invalid)
    return error?.problems ?? []
  }

  @Test func theDefaultIsTheWeakest() async throws {
    let declared: OrderedMap = ["brokers": VariableDeclaration(.integer, standard: "3")]
    for (given, server, expected) in [
      ([:], [:], "3"), ([:], ["brokers": "4"], "4"), (["brokers": "5"], ["brokers": "4"], "5"),
    ] as [(OrderedMap<String>, OrderedMap<String>, String)] {
      let world = try await world(declared)
      #expect(try await run(world, given, server: server).state == .succeeded)
      #expect(world.deployed["/a"]?["env"]?["BROKERS"]?.stringValue == expected)
    }
  }

  @Test func scriptsSeeDefaults() async throws {
    let world = try await World.scripted { _, call in
      #expect(try await call("vars.get", ["brokers"]) == "3")
      #expect(try await call("vars.all", [])["brokers"] == "3")
      _ = try await call("vars.set", ["brokers", "4"])
      #expect(try await call("vars.get", ["brokers"]) == "4")
    }
    var definition = try #require(try await world.store.stack(named: "s", revision: nil)).stack
    definition.variables = ["brokers": VariableDeclaration(.integer, standard: "3")]
    try await world.add(definition, revision: 2)
    let status = try await world.run()
    #expect(status.state == .succeeded, "\(status)")
  }

  @Test func whatIsMissingOrDoesNotFitIsToldAtOnceWithoutItsValue() async throws {
    let world = try await world([
      "brokers": VariableDeclaration(.integer, standard: "3", minimum: 1, maximum: 32),
      "size": VariableDeclaration(.string, choices: ["small", "large"]),
      "token": VariableDeclaration(.boolean, standard: "true"),
      "ratio": VariableDeclaration(.number),
    ])
    let problems = try await problems(world, ["brokers": "hunter1", "token": "hunter2"], server: ["size": "hunter3"])
    #expect(
      problems == [
        "variable brokers must be a whole number from 1 to 32, which --var of the run is not: give it another value with --var brokers=VALUE",
        "variable size must be one of small, large, which --var of the server is not: give it another value with --var size=VALUE",
        "variable token must be true or false, which --var of the run is not: give it another value with --var token=VALUE",
        "variable ratio has no value: give it a number with --var ratio=VALUE",
      ])
    #expect(try await world.store.runs(matching: RunFilter(), after: nil, limit: 1).elements.isEmpty)
    let status = try await run(world, ["size": "large", "ratio": "0.5"])
    #expect(status.state == .succeeded, "\(status)")
  }

  /// A parent's, a child's and a layer's declarations are those of the run.
  @Test func declarationsAreInherited() async throws {
    let world = World()
    var base = stack(application("a") { $0.env = ["N": "${n} ${l}"] })
    base.name = "base"
    base.variables = ["n": VariableDeclaration(.integer, standard: "1")]
    try await world.add(base)
    try await world.add(
      Stack(name: "s", from: "base", variables: ["n": VariableDeclaration(.integer, standard: "5", minimum: 5)]))
    try await world.add(
      Stack(name: "z", variables: ["l": VariableDeclaration(.string, standard: "layer")]), level: .zone)
    let status = try await world.serve(world.engine()) { engine in
      await #expect(throws: EngineError.self) {
        try await engine.submit(RunRequest(stack: "s", zone: "z", variables: ["n": "4"], user: "u"))
      }
      return try await engine.waitUntilFinal(try await engine.submit(RunRequest(stack: "s", zone: "z", user: "u")))
    }
    #expect(status.state == .succeeded, "\(status)")
    #expect(world.deployed["/a"]?["env"]?["N"] == "5 layer")
  }

  @Test func whatAnInheritedApplicationSetsCannotBeDeclared() async throws {
    let world = try await world(["a.host": VariableDeclaration(.string, standard: "x")])
    let problems = try await problems(world)
    #expect(
      problems == [
        "variable a.host: variables that begin with a. are set by the application a; take another name"
      ])
  }

  /// A run goes on with what it was started with, whatever the stack declares meanwhile.
  @Test func aRunKeepsItsDeclarations() async throws {
    let world = try await World.scripted { _, call in
      _ = try await call("approval", ["go"])
      #expect(try await call("vars.get", ["brokers"]) == "3")
    }
    var definition = try #require(try await world.store.stack(named: "s", revision: nil)).stack
    definition.variables = ["brokers": VariableDeclaration(.integer, standard: "3")]
    try await world.add(definition, revision: 2)
    try await world.serve(world.engine()) { engine in
      let run = try await engine.submit(RunRequest(stack: "s", user: "u"))
      try await eventually("waits") {
        try await engine.status(run).applications.first?.waiting?.cause == .approval("go")
      }
    }
    definition.variables = ["brokers": VariableDeclaration(.integer, standard: "9")]
    try await world.add(definition, revision: 3)
    let status = try await world.serve(world.engine()) { engine in
      try await eventually("waits again") {
        try await engine.status(RunID(1)).applications.first?.waiting?.cause == .approval("go")
      }
      try await engine.approve(RunID(1), "go", by: "u")
      return try await engine.waitUntilFinal(RunID(1))
    }
    #expect(status.state == .succeeded, "\(status)")
  }
}
