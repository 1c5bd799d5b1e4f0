import Concurrency
import JSON
import StackAPI
import Testing

@testable import stack_deploy

struct RunTreeTests {
  private let start = Timestamp(millisecondsSinceEpoch: 1_000_000)

  private func status(_ state: String, _ applications: [APIApplicationStatus], failure: APIFailure? = nil)
    -> APIRunStatus
  {
    APIRunStatus(
      run: APIRunSummary(
        id: 7, kind: "run", stack: "web", zone: "z1", state: state, error: nil, createdAt: start, createdBy: "ann",
        startedAt: start, endedAt: nil),
      revision: 1, failure: failure, waiting: nil, cancelling: false, applications: applications, variables: [:],
      sequence: 1)
  }

  private func application(
    _ id: String, _ state: String, step: String? = nil, waiting: APIWaiting? = nil, sentence: String = "",
    endpoint: String? = nil
  ) -> APIApplicationStatus {
    APIApplicationStatus(
      id: id, operation: "deploy", state: state, change: nil, step: step, stepSince: start, waiting: waiting,
      failure: nil, startedAt: start, endedAt: start + .milliseconds(1_250), dependencies: [], steps: [],
      instances: nil, endpoint: endpoint, sentence: sentence)
  }

  private var mixed: APIRunStatus {
    status(
      "running",
      [
        application("db", "done", sentence: "created", endpoint: "http://127.0.0.1:31000"),
        application(
          "api", "running", step: "healthy",
          waiting: APIWaiting(
            step: "healthy", since: start, until: start + .seconds(600), cause: "health_check",
            sentence: "0 of 1 healthy")),
        application(
          "website", "pending",
          waiting: APIWaiting(step: nil, since: start, until: nil, cause: "dependencies", sentence: "waits for api")),
      ])
  }

  @Test func aLineForEachApplication() {
    let tree = RunTree(status: mixed, now: start + .seconds(75))
    #expect(
      tree.lines == [
        "run 7  web in z1  running  1m15s",
        "├─ ✔ db       created  1.2s  http://127.0.0.1:31000",
        "├─ ● api      healthy: 0 of 1 healthy  1m15s, until 00:26:40Z",
        "└─ · website  waits for api  1m15s",
      ])
  }

  @Test func linesAreCutToTheWidthAndColoursTakeNone() {
    let plain = RunTree(status: mixed, now: start, width: 24).lines
    #expect(plain.allSatisfy { DisplayWidth.of($0) <= 24 })
    #expect(plain[1] == "├─ ✔ db       created  …")
    let coloured = RunTree(status: mixed, now: start, hasColours: true, width: 24).lines
    #expect(coloured[1] == "├─ \u{1B}[32m✔\u{1B}[0m db       created  …")
  }

  @Test func aFailureShowsPlaceReasonAndLog() {
    let failure = APIFailure(application: "db", step: "launch", reason: "no disk", logTail: "one\ntwo\n")
    let lines = RunTree(status: status("failed", [], failure: failure), now: start).lines
    #expect(lines.dropFirst() == ["db, launch: no disk", "  | one", "  | two"])
  }

  @Test func tablesAreAlignedWithoutBlanksAtTheEnd() {
    var table = Table("RUN", "STACK", "ERROR")
    table.add("1", "日本", "")
    table.add("10", "web", "broken")
    #expect(table.text == "RUN  STACK  ERROR\n1    日本\n10   web    broken\n")
  }

  @Test(arguments: [
    ("launch", "launch", "begins"), ("launch", "launch done", "done"), ("launch", "launched", "launched"),
    ("launch", "creates it", "creates it"),
  ])
  func eventsDoNotRepeatTheStep(step: String, sentence: String, shown: String) {
    let event = APIEvent(
      run: 7, sequence: 1, at: start, kind: "step_ended", application: "web", step: step, sentence: sentence,
      data: [:], final: false)
    #expect(EventLine.text(event) == "00:16:40Z  web  launch  \(shown)")
  }
}
