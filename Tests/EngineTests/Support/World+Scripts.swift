import Concurrency
import Engine
import EngineFakes
import StackModel
import Store
import Testing

extension World {
  /// A world whose stack `s` has one application, `a`, with a script after its start.
  static func scripted(grants: [String]? = nil, _ body: @escaping FakeScripts.Body) async throws -> World {
    let world = World()
    var definition = stack(application("a") { $0.hooks[.afterScheduler] = [.lua(HookScript(.text("script")))] })
    definition.grants = grants
    try await world.add(definition)
    world.scripts["script"] = body
    return world
  }

  /// A run of a stack to its end, by a server of its own.
  func run(_ stack: String = "s") async throws -> RunStatus {
    try await serve(engine()) { engine in
      try await engine.waitUntilFinal(try await engine.submit(RunRequest(stack: stack, user: "u")))
    }
  }

  /// The first run: its server stops when the signal comes, and the next one takes it to its end, or to where a person
  /// has to decide.
  func runOverRestart(when signal: AsyncSignal) async throws -> RunStatus {
    try await serve(engine()) { engine in
      _ = try await engine.submit(RunRequest(stack: "s", user: "u"))
      try await signal.wait()
    }
    return try await serve(engine()) { try await $0.waitUntilSettled(RunID(1)) }
  }

  /// The same; the server stops as soon as the journal has so many entries.
  func runOverRestart(atEntry entry: Int) async throws -> RunStatus {
    try await serve(engine()) { engine in
      let run = try await engine.submit(RunRequest(stack: "s", user: "u"))
      try await eventually("entry \(entry)") { try await engine.status(run).sequence >= entry }
    }
    return try await serve(engine()) { try await $0.waitUntilSettled(RunID(1)) }
  }
}
