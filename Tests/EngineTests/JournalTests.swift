import Concurrency
import EngineFakes
import JSON
import ScriptHost
import StackModel
import Store
import Testing

@testable import Engine

@Suite struct JournalTests {
  private static let step = StepReference(application: "grp/a", step: .hook(.beforeTask, task: "x/y"), attempt: 2)
  private static let failure = RunFailure(
    application: "a", step: "launch", reason: "no", logTail: "tail", originalText: "a: no", cause: .timeout)
  private static let call = CallRecord(
    number: 7, function: "marathon.deploy", application: "/green", digest: "ab", arguments: "{}")
  private static let measured: CallRecord = {
    var call = Self.call
    call.cpu = .microseconds(1_500)
    call.replayed = .milliseconds(7)
    return call
  }()
  private static let inDoubt: RunFailure = {
    var failure = Self.failure
    failure.call = 7
    return failure
  }()
  private static let now = Timestamp(millisecondsSinceEpoch: 1_700_000_000_123)

  static let entries: [JournalEntry] =
    [
      .accepted(by: "u"),
      .runState(.running, nil),
      .runState(.failed, failure),
      .cluster(.init(id: "c", version: "1.6", mesosMaster: nil)),
      .cluster(.init(id: "", version: "", mesosMaster: "zk://m")),
      .removals([.init(application: "/a", after: ["/b", "/c"]), .init(application: "/b", after: [])]),
      .applicationState(application: "a", .done, nil),
      .applicationState(application: "a", .blocked, failure),
      .began(step, until: now),
      .began(step, until: nil),
      .intent(step, .hook(HookKey(text: "1/a/before_task/x/2"))),
      .intent(step, .task),
      .intent(step, .script(["app": ["id": "/a"]])),
      .called(step, call),
      .called(step, measured),
      .applicationState(application: "a", .blocked, inDoubt),
      .answered(step, call, .result(["id": "/green"])),
      .answered(
        step, call, .failure(HostCallFailure(.timeout, "why", retryable: true, details: ["log": "l"], cause: "c"))),
      .logged(step, call, level: "info", "line"),
      .intent(
        step, .change(.init(kind: .create, definition: ["id": "a", "cpus": 0.1], digest: "ab", versionBefore: nil))),
      .intent(step, .change(.init(kind: .destroy, definition: nil, digest: "", versionBefore: "v"))),
      .outcome(
        step,
        .succeeded(
          .init(change: .updated, deployment: "d", version: "v", isSettled: true, endpoint: "http://h:1", output: "o"))),
      .outcome(step, .succeeded(.init(instances: .init(wanted: 3, running: 2, healthy: 1)))),
      .outcome(step, .succeeded(.init(instances: .init(wanted: 1, running: 1, healthy: nil)))),
      .outcome(step, .succeeded(.init())),
      .outcome(step, .notPerformed("why")),
      .outcome(step, .undecided("why")),
      .outcome(step, .failed(failure)),
      .outcome(step, .skipped),
      .variables(application: "a", ["a.host": "h", "a.port0": "1"]),
      .waiting(
        application: nil,
        WaitingReason(step: nil, since: now, until: now, cause: .lock(run: RunID(3), user: "u", since: now))),
      .cancelRequested(by: "u"),
      .resumed(step, .retryStep, by: "u"),
      .resumed(nil, .skipStep, by: ""),
    ] + causes.map { .waiting(application: "a", WaitingReason(step: "launch", since: now, until: nil, cause: $0)) }

  static let causes: [WaitingReason.Cause] = [
    .dependencies(["a", "b"]), .clusterUnavailable("t"), .deploymentLocked(["d"]), .offers(["r"]), .backoff("t"),
    .starting("t"), .healthCheck("t"), .crashing("t"), .hook, .call("t"), .approval("t"), .task, .settling("t"),
    .stopping("t"),
    .decision("t"),
  ]

  @Test(arguments: entries)
  func entriesReadBackEqual(_ entry: JournalEntry) throws {
    let record = entry.record(sequence: 7, at: Self.now)
    let text = record.body.text
    let read = JournalRecord(
      sequence: 7, at: Self.now, path: record.path, kind: record.kind, body: try JSON(parsing: text))
    #expect(try JournalEntry(read) == entry)
    let event = try #require(RunEvent(record, of: RunID(1)))
    #expect(event.sequence == 7)
    #expect(!event.sentence.isEmpty)
  }

  @Test func stepsReadBackFromTheirNames() {
    let steps: [Step] = [
      .hook(.beforeScheduler, task: nil, part: 2), .hook(.afterTask, task: "t", part: 1),
      .hook(.beforeTask, task: "a/3", part: 12),
      .hook(.beforeScheduler, task: nil), .hook(.afterTask, task: "t"), .hook(.beforeTask, task: "a/b"), .launch,
      .healthy,
      .variables, .task("t"), .task("run/run"), .destroy, .gone, .hook(.afterTasks, task: nil),
    ]
    for step in steps { #expect(Step(name: step.name) == step) }
    for name in [
      "", "tasks", "tasks/", "tasks/x", "tasks/run", "tasks/x/other", "Launch", "before_task/0", "launch/1",
      "tasks/x/run/1",
    ] {
      #expect(Step(name: name) == nil)
    }
  }

  @Test func aNewerFormatIsNotRead() {
    let record = JournalRecord(
      sequence: 1, at: Self.now, path: "", kind: "accepted", body: ["format": 2, "by": "u"])
    #expect(throws: JournalFormatError.newer(2)) { try JournalEntry(record) }
    #expect(throws: JournalFormatError.newer(2)) { try RunPlan(snapshot: ["format": 2]) }
  }

  @Test(arguments: ["outcome", "intent", "began", "run_state", "waiting", "resumed", "accepted", "nonsense"])
  func damagedEntriesAreNamed(_ kind: String) {
    let record = JournalRecord(
      sequence: 3, at: Self.now, path: "", kind: kind, body: ["application": "a", "step": "launch", "state": "odd"])
    let error = #expect(throws: JournalFormatError.self) { try JournalEntry(record) }
    #expect(error?.description.contains("entry 3") == true)
  }

  @Test func snapshotsReadBackEqual() throws {
    var stack = stack(application("a", hooks: HookPlace.allCases), application("b", after: ["a"]))
    stack.applications["a"]?.scheduler = ["z": "1", "a": "2"]
    let plan = RunPlan(
      kind: .deploy, revision: 3, stack: stack, zone: "z", user: "u", skipped: ["b"], arbitraryVariables: ["v": "1"],
      globalVariables: ["w": "2"], maxWait: .milliseconds(1_500), lockWait: .zero, existing: .adopt, healthy: .any,
      prune: true)
    let text = plan.snapshot.text
    #expect(try RunPlan(snapshot: JSON(parsing: text)) == plan)
  }

  @Test func hookKeysNameFolders() {
    func key(_ application: String, _ step: Step) -> String {
      HookKey(run: RunID(12), StepReference(application: application, step: step, attempt: 1)).text
    }
    #expect(key("web", .hook(.beforeScheduler, task: nil)) == "12/web/before_scheduler/1")
    #expect(key("grp/a b", .hook(.afterTask, task: "t")) == "12/grp%2Fa%20b/after_task/t/1")
    #expect(key("..", .hook(.afterTasks, task: nil)) == "12/%2E%2E/after_tasks/1")
    #expect(key("v1.2", .hook(.afterTasks, task: nil)) == "12/v1.2/after_tasks/1")
  }
}
