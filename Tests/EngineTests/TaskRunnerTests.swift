import Concurrency
import Engine
import EngineFakes
import FaultInjection
import StackModel
import Store
import Testing

@Suite(.timeLimit(.minutes(1))) struct TaskRunnerTests {
  /// A runner whose tasks add a variable each, and can be held.
  final class FakeRunner: TaskRunner {
    let jobs = Locked<[TaskJob]>([])
    let gate: AsyncSignal?
    let failing: String?

    init(gate: AsyncSignal? = nil, failing: String? = nil) {
      self.gate = gate
      self.failing = failing
    }

    func fill(
      application: String, tasks: [LiveTask]
    ) async throws(TaskRunnerError) -> OrderedMap<String> {
      ["\(application).tasks": "\(tasks.count)"]
    }

    func run(_ task: TaskJob) async throws(TaskRunnerError) -> OrderedMap<String> {
      jobs.withLock { $0.append(task) }
      if task.name == failing { throw TaskRunnerError("broker 0 did not start", logTail: "no space left") }
      do { try await gate?.wait() } catch { throw TaskRunnerError("given up") }
      return ["\(application(of: task)).\(task.name)": "done"]
    }

    private func application(of task: TaskJob) -> String { task.application }
  }

  private var kafka: Application {
    application("k", hooks: [.afterTasks]) { application in
      application.type = "kafka"
      application.tasks = [
        ApplicationTask("brokers", [.init(key: .string("id"), value: .string("${k.host}:${k.tasks}"))]),
        ApplicationTask("topics", [.init(key: .string("after"), value: .string("${k.brokers}"))]),
      ]
      application.hooks.beforeTask = ["before"]
      application.hooks.afterTask = ["after ${k.brokers}"]
    }
  }

  @Test func tasksRunOneAfterAnotherBetweenTheirHooks() async throws {
    let world = World()
    let runner = FakeRunner()
    try await world.add(stack(kafka))
    let status = try await world.serve(world.engine(runners: ["kafka": runner])) { engine in
      try await engine.waitUntilFinal(try await engine.submit(RunRequest(stack: "s", user: "u")))
    }
    #expect(status.state == .succeeded, "\(String(describing: status.failure))")
    let jobs = runner.jobs.withLock { $0 }
    #expect(jobs.map(\.name) == ["brokers", "topics"])
    #expect(jobs.map { $0.parameters.map { "\($0.key)=\($0.value)" } } == [["id=agent-1:1"], ["after=done"]])
    #expect(world.hooks.runs == ["before", "after done", "before", "after done", "k after_tasks"])
    #expect(status.variables["k.topics"] == "done")
  }

  @Test func aFailingTaskFailsItsApplication() async throws {
    let world = World()
    try await world.add(stack(kafka))
    let status = try await world.serve(world.engine(runners: ["kafka": FakeRunner(failing: "brokers")])) { engine in
      try await engine.waitUntilFinal(try await engine.submit(RunRequest(stack: "s", user: "u")))
    }
    #expect(status.state == .failed)
    #expect(status.failure?.step == "tasks/brokers/run")
    #expect(status.failure?.reason == "broker 0 did not start")
    #expect(status.failure?.logTail == "no space left")
  }

  @Test(arguments: ResumeDecision.allCases)
  func aTaskWhoseServerEndedNeedsADecision(_ decision: ResumeDecision) async throws {
    let world = World()
    try await world.add(stack(kafka))
    let gate = ScriptedGate()
    let first = FakeRunner(gate: AsyncSignal())
    let run = try await world.serve(world.engine(gate: gate, runners: ["kafka": first])) { engine in
      let run = try await engine.submit(RunRequest(stack: "s", user: "u"))
      try await eventually("the task runs") { first.jobs.withLock { $0.count } == 1 }
      gate.end()
      first.gate?.fire()
      return run
    }
    let second = FakeRunner()
    let status = try await world.serve(world.engine(runners: ["kafka": second])) { engine in
      try await eventually("it is blocked") { try await engine.status(run).state == .blocked }
      #expect(second.jobs.withLock { $0.isEmpty })
      let blocked = try await engine.status(run)
      #expect(blocked.failure?.reason.hasPrefix("nobody can tell whether task brokers did its work") == true)
      try await engine.resume(run, decision, by: "u")
      return try await engine.waitUntilFinal(run)
    }
    switch decision {
    case .retryStep:
      #expect(status.state == .succeeded)
      #expect(second.jobs.withLock { $0.map(\.name) } == ["brokers", "topics"])
    case .skipStep:
      // What the skipped task would have set is missing, and said so.
      #expect(status.state == .failed)
      #expect(status.failure?.reason.contains("${k.brokers}") == true)
      #expect(second.jobs.withLock { $0.isEmpty })
    }
  }

  @Test func aTypeWithoutARunnerMayHaveNoTasks() async throws {
    let world = World()
    try await world.add(stack(kafka))
    try await world.serve(world.engine()) { engine in
      let error = await #expect(throws: EngineError.self) {
        try await engine.submit(RunRequest(stack: "s", user: "u"))
      }
      #expect(error?.originalText == "Invalid application k: No task runner available for application")
      _ = try await engine.owned(stack: "s", zone: "")
    }
  }
}
