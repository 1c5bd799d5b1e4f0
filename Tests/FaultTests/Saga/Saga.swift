import Engine
import EngineFakes
import JSON
import StackModel
import Store
import Testing

/// Runs of several shapes, each with the world that it finds and what is to become of it.
enum Saga: String, CaseIterable, Sendable, CustomTestStringConvertible {
  case single, chain, diamond, fanOut, hooks, tasks, update, adopt, skip, prune, down, queue
  case scripts, failingScript, parallel, imperative, failingImperative
  case failingBefore, failingAfterScheduler, failingBeforeTask, failingAfterTask, failingAfterTasks, existing

  var testDescription: String { rawValue }

  /// Its type has a task runner; it has hooks in all five places.
  private static var hooked: Application {
    application("k", after: ["a"], hooks: [.beforeScheduler, .afterScheduler, .afterTasks]) { application in
      application.type = "kafka"
      application.tasks = [
        ApplicationTask("brokers", [.init(key: .string("id"), value: .string("${k.host}"))]),
        ApplicationTask("topics", [.init(key: .string("after"), value: .string("${k.port0}"))]),
      ]
      application.hooks.beforeTask = ["k before_task"]
      application.hooks.afterTask = ["k after_task"]
    }
  }

  var stack: Stack {
    switch self {
    case .single: EngineFakes.stack(application("a"))
    case .chain, .prune, .queue:
      EngineFakes.stack(application("a"), application("b", after: ["a"]), application("c", after: ["b"]))
    case .diamond, .down, .update, .adopt:
      EngineFakes.stack(
        application("a"), application("b", after: ["a"]), application("c", after: ["a"]),
        application("d", after: ["b", "c"]) { $0.env["A"] = "${a.host}:${a.port0}" })
    case .fanOut:
      EngineFakes.stack([application("a")] + (1...6).map { application("b\($0)", after: ["a"]) })
    case .hooks:
      EngineFakes.stack(
        application("a", hooks: [.beforeScheduler, .afterScheduler, .afterTasks]),
        application("b", after: ["a"], hooks: [.beforeScheduler, .afterTasks]))
    case .scripts, .failingScript:
      EngineFakes.stack(
        application("a") { application in
          application.hooks.beforeScheduler = ["a before_scheduler", .lua(HookScript(.text("first")))]
          application.hooks.afterScheduler = [.lua(HookScript(.text(self == .scripts ? "deploys" : "fails")))]
        },
        application("b", after: ["a"]) { $0.hooks.afterTasks = [.lua(HookScript(.text("last"))), "b ${color}"] })
    case .parallel:
      EngineFakes.stack(
        application("a") { $0.hooks.afterScheduler = [.lua(HookScript(.text("branches"))), "a ${color}"] },
        application("b", after: ["a"]) { $0.hooks.afterTasks = [.lua(HookScript(.text("removes")))] })
    case .imperative, .failingImperative: Stack(name: "s", run: HookScript(.function(.run)))
    case .skip: EngineFakes.stack(application("a"), application("b", after: ["a"]))
    case .existing: EngineFakes.stack(application("a"), application("b", after: ["a"]))
    case .tasks, .failingBefore, .failingAfterScheduler, .failingBeforeTask, .failingAfterTask, .failingAfterTasks:
      EngineFakes.stack(application("a"), Self.hooked, application("z", after: ["k"]))
    }
  }

  /// The text in the script of the hook that fails.
  private var failingHook: String? {
    switch self {
    case .failingBefore: "k before_scheduler"
    case .failingAfterScheduler: "k after_scheduler"
    case .failingBeforeTask: "k before_task"
    case .failingAfterTask: "k after_task"
    case .failingAfterTasks: "k after_tasks"
    default: nil
    }
  }

  /// What the world has before the run.
  func prepare(_ world: SagaWorld) async throws {
    try await world.add(stack, file: rawValue)
    prepareScripts(world)
    // Not of this stack: nothing may happen to it.
    world.cluster.install("/foreign", ["id": "foreign", "cmd": "something else"])
    if let failingHook { world.hooks.answer(failingHook, HookResult(status: .exited(3), outputTail: "no such db")) }
    switch self {
    case .adopt: world.cluster.install("/b", ["id": "b", "cmd": "something else"])
    case .existing: world.cluster.install("/b", ["id": "b", "cmd": "someone else's"])
    case .update, .down, .prune:
      let states = try await world.runAll([RunRequest(stack: "s", user: "u")]).map(\.state)
      #expect(states == [.succeeded])
    default: break
    }
    var changed = stack
    switch self {
    case .update:
      changed.applications["b"]?.cpu = 0.2
      changed.applications["d"]?.cpu = 0.3
    case .prune:
      changed.applications["b"] = nil
      changed.applications["c"] = nil
    default: return
    }
    try await world.add(changed, revision: 2)
  }

  /// One after another, without waiting for the one before.
  var requests: [RunRequest] {
    var request = RunRequest(stack: "s", user: "u")
    switch self {
    case .down: request.kind = .down
    case .prune: request.prune = true
    case .adopt: request.existing = .adopt
    case .skip: request.skip = ["^a$"]
    case .queue:
      var down = request
      down.kind = .down
      return [request, request, down]
    default: break
    }
    return [request]
  }

  /// How the last run ends where nothing goes wrong.
  var end: RunRecord.State {
    switch self {
    case .existing, .failingScript, .failingImperative: .failed
    default: failingHook == nil ? .succeeded : .failed
    }
  }

  // MARK: Scripts

  private func prepareScripts(_ world: SagaWorld) {
    let blue: JSON = ["id": "blue", "cmd": "run blue", "cpus": 0.1, "mem": 32, "instances": 1]
    let green: JSON = ["id": "green", "cmd": "run green", "cpus": 0.1, "mem": 32, "instances": 1]
    world.scripts["first"] = { _, call in
      _ = try await call("vars.set", ["color", "green"])
      _ = try await call("cassandra.put", ["state/count", ["n": 1]])
      _ = try await call("log.info", ["begins"])
    }
    world.scripts["deploys"] = { _, call in
      let app = try await call("marathon.deploy", [green])
      _ = try await call("wait_healthy", [app])
      _ = try await call("time.sleep", ["2s"])
      _ = try await call("marathon.scale", [app, 2])
      _ = try await call("wait_healthy", [app])
      _ = try await call("marathon.restart", [app])
      _ = try await call("vars.set", ["color", "blue"])
      // Twice would be seen.
      let count = try await call("cassandra.get", ["state/count"])["n"]?.intValue ?? 0
      _ = try await call("cassandra.put", ["state/count", ["n": .integer(Int64(count + 1))], ["ttl": "24h"]])
      _ = try await call("cassandra.put", ["state/passing", true])
    }
    world.scripts["branches"] = { context, call in
      let endpoint = context["app"]?["endpoints"]?.arrayValue?.first?.stringValue ?? ""
      let deploy = { @Sendable (id: String) -> FakeScriptCalls.Branch in
        { call in
          let app: JSON = ["id": .string(id), "cmd": "run", "cpus": 0.1, "mem": 32, "instances": 1]
          _ = try await call("marathon.deploy", [app])
          return try await call("wait_healthy", [.string(id)])
        }
      }
      let results = try await call.parallel([
        deploy("one"), deploy("two"),
        { call in
          _ = try await call("vars.set", ["color", "green"])
          _ = try await call("time.sleep", ["2s"])
          // By now the other branches are at work, or done.
          #expect(try await call("http.post", [.string("http://\(endpoint)/switch")])["status"] == 200)
          return try await call("cassandra.put", ["count/sleeps", 1])
        },
        { call in
          #expect(try await call("http.get", [.string("http://\(endpoint)/health")])["status"] == 200)
          _ = try await call("http.put", [.string("http://\(endpoint)/active"), ["body": "green"]])
          return try await call("http.post", [.string("http://\(endpoint)/order")])
        },
        { call in
          // Twice would be seen.
          let count = try await call("cassandra.get", ["count/looks"]).intValue ?? 0
          _ = try await call("cassandra.put", ["count/looks", .integer(Int64(count + 1))])
          _ = try await call("marathon.scale", ["one", 2])
          return try await call("log.info", ["scaled"])
        },
      ])
      #expect(results.count == 5)
    }
    world.scripts["removes"] = { _, call in
      let removals = ["one", "two"].map { id -> FakeScriptCalls.Branch in
        { call in try await call("marathon.destroy", [.string(id)]) }
      }
      try await call.parallel(removals)
    }
    world.scripts["fails"] = { _, call in
      _ = try await call("marathon.deploy", [green])
      _ = try await call("fail", ["no such db"])
    }
    world.scripts["imperative run"] = { context, call in
      #expect(context["app"] == nil)
      let former = try await call("marathon.deploy", [blue])
      _ = try await call("wait_healthy", [former])
      let app = try await call("marathon.deploy", [green])
      let healthy = try await call("wait_healthy", [app, ["timeout": "5m"]])
      let endpoint = healthy["endpoints"]?.arrayValue?.first?.stringValue ?? ""
      #expect(try await call("http.get", [.string("http://\(endpoint)/health")])["status"] == 200)
      _ = try await call("cassandra.put", ["active", ["color": "green"]])
      _ = try await call("http.put", [.string("http://\(endpoint)/active"), ["body": "green"]])
      #expect(try await call("http.post", [.string("http://\(endpoint)/switch")])["status"] == 200)
      _ = try await call("vars.set", ["color", "green"])
      _ = try await call("time.sleep", ["2s"])
      #expect(try await call("marathon.destroy", [former]) == true)
      _ = try await call("log.info", ["is green"])
    }
    world.scripts["failingImperative run"] = { _, call in
      _ = try await call("marathon.deploy", [blue])
      _ = try await call("marathon.deploy", [green])
      _ = try await call("cassandra.put", ["active", "none"])
      _ = try await call("fail", ["no such db"])
    }
    world.scripts["last"] = { _, call in
      #expect(try await call("vars.get", ["color"]) == "blue")
      #expect(try await call("cassandra.list", ["state/"]) == ["state/count", "state/passing"])
      #expect(try await call("cassandra.delete", ["state/passing"]) == true)
      _ = try await call("marathon.destroy", ["/green"])
      _ = try await call("log.info", ["ends"])
    }
  }
}
