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
    endpoint: String? = nil, called: [APICalledApplication]? = nil
  ) -> APIApplicationStatus {
    APIApplicationStatus(
      id: id, operation: "deploy", state: state, change: nil, step: step, stepSince: start, waiting: waiting,
      failure: nil, startedAt: start, endedAt: start + .milliseconds(1_250), dependencies: [], steps: [],
      instances: nil, endpoint: endpoint, sentence: sentence, called: called)
  }

  private func called(
    _ id: String, _ state: String, _ sentence: String, script: String = "run", waiting: APIWaiting? = nil,
    endedAfter duration: Duration = .milliseconds(700), endpoint: String? = nil
  ) -> APICalledApplication {
    APICalledApplication(
      id: id, script: script, call: "wait_healthy", state: state, change: nil, waiting: waiting, failure: nil,
      startedAt: start, endedAt: start + duration, instances: nil, endpoint: endpoint, sentence: sentence)
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

  @Test func whatScriptsWorkOnStandsBeneathThem() {
    let waiting = APIWaiting(
      step: "healthy", since: start, until: start + .seconds(600), cause: "starting", sentence: "0 of 1 instance run")
    let tree = RunTree(
      status: status(
        "running",
        [
          application(
            "web", "done", sentence: "created",
            called: [called("/canary", "done", "destroyed", script: "after_scheduler")]),
          application(
            "function", "running", step: "run", sentence: "run",
            called: [
              called("/a", "done", "created, 1 of 1 instance healthy", endpoint: "http://h:1"),
              called("/long/b", "running", "created; wait_healthy: 0 of 1 instance run", waiting: waiting),
              called("/c", "running", "destroyed"), called("/d", "failed", "restart: there is no application /d"),
            ]),
        ]), now: start + .seconds(75))
    #expect(
      tree.lines.dropFirst() == [
        "├─ ✔ web         created  1.2s",
        "│  └─ ✔ /canary  after_scheduler: destroyed  0.7s",
        "└─ ● function    run  1m15s",
        "   ├─ ✔ /a       created, 1 of 1 instance healthy  0.7s  http://h:1",
        "   ├─ ● /long/b  created; wait_healthy: 0 of 1 instance run  1m15s, until 00:26:40Z",
        "   ├─ ● /c       destroyed  1m15s",
        "   └─ ✘ /d       restart: there is no application /d",
      ])
  }

  private func size(_ columns: Int, _ rows: Int) -> Terminal.Size { Terminal.Size(columns: columns, rows: rows) }

  @Test func linesAreCutToTheWidthAndColoursTakeNone() {
    let plain = RunTree(status: mixed, now: start, size: size(24, 24)).lines
    #expect(plain.allSatisfy { DisplayWidth.of($0) <= 24 })
    #expect(plain[1] == "├─ ✔ db       created  …")
    let coloured = RunTree(status: mixed, now: start, hasColours: true, size: size(24, 24)).lines
    #expect(coloured[1] == "├─ \u{1B}[32m✔\u{1B}[0m db       created  …")
  }

  @Test func everythingFitsTheScreenHoweverSmall() {
    let wide = "日本語の長い文 with words \u{1B}[31m\u{7}\n and lines\r\n"
    let failure = APIFailure(
      application: "api", step: "healthy", reason: wide + wide,
      logTail: String(repeating: "\t\(wide)\n", count: 20))
    let states = ["done", "failed", "running", "pending", "blocked", "skipped"]
    let applications = (0..<60).map {
      application(
        "\(wide)-\($0)", states[$0 % states.count], sentence: wide, endpoint: wide,
        called: $0 % 5 == 0 ? (0..<$0).map { called("\(wide)-\($0)", states[$0 % states.count], wide) } : nil)
    }
    for columns in [1, 2, 5, 10, 40, 200] {
      for rows in [1, 2, 3, 4, 5, 6, 8, 10, 24, 80] {
        let tree = RunTree(
          status: status("failed", applications, failure: failure), now: start, size: size(columns, rows))
        let lines = tree.lines
        #expect(lines.count <= rows && lines.count >= min(rows, 2), "\(columns)x\(rows)")
        #expect(lines.allSatisfy { DisplayWidth.of($0) <= columns }, "\(columns)x\(rows)")
        #expect(lines.joined().unicodeScalars.allSatisfy { $0.value >= 0x20 && $0.value != 0x7F })
      }
    }
  }

  @Test func finishedApplicationsAreHiddenFirst() {
    let states = ["done", "done", "running", "pending", "pending", "failed", "done"]
    let applications = states.enumerated().map { application("a\($0)", $1, sentence: "s") }
    func shown(_ rows: Int) -> [String] {
      RunTree(status: status("running", applications), now: start, size: size(80, rows)).lines.dropFirst().map {
        $0.split(separator: " ").dropFirst(2).prefix($0.contains("…") ? 10 : 1).joined(separator: " ")
      }
    }
    #expect(shown(8) == ["a0", "a1", "a2", "a3", "a4", "a5", "a6"])
    #expect(shown(7) == ["a0", "a2", "a3", "a4", "a5", "2 more: 2 done"])
    #expect(shown(6) == ["a2", "a3", "a4", "a5", "3 more: 3 done"])
    #expect(shown(4) == ["a2", "a5", "5 more: 3 done, 2 pending"])
    #expect(shown(2) == ["7 more: 3 done, 2 pending, 1 failed, 1 running"])
    #expect(shown(1) == [])
  }

  @Test func whatScriptsHaveFinishedIsHiddenBeforeTheirLines() {
    let states = ["done", "running", "done", "failed", "pending", "done"]
    let beneath = states.enumerated().map { called("/c\($0)", $1, "s", endedAfter: .seconds($0)) }
    let applications = [
      application("a0", "done", sentence: "s", called: [called("/b", "failed", "s")]),
      application("a1", "running", sentence: "s", called: beneath), application("a2", "pending", sentence: "s"),
    ]
    func shown(_ rows: Int) -> [String] {
      RunTree(status: status("running", applications), now: start, size: size(80, rows)).lines.dropFirst().map {
        guard !$0.contains("…") else { return String($0.drop { $0 != "…" }.dropFirst(2)) }
        let id = $0.drop { !$0.isLetter && $0 != "/" }.prefix { $0 != " " }
        return ($0.hasPrefix("│") || $0.hasPrefix(" ") ? "  " : "") + id
      }
    }
    #expect(shown(11) == ["a0", "  /b", "a1", "  /c0", "  /c1", "  /c2", "  /c3", "  /c4", "  /c5", "a2"])
    #expect(shown(9) == ["a0", "a1", "  /c1", "  /c3", "  /c4", "  /c5", "a2", "3 more: 2 done, 1 failed"])
    #expect(shown(6) == ["a1", "  /c1", "  /c3", "a2", "6 more: 4 done, 1 failed, 1 pending"])
    #expect(shown(4) == ["a1", "  /c3", "8 more: 4 done, 2 pending, 1 failed, 1 running"])
    #expect(shown(3) == ["a1", "9 more: 4 done, 2 failed, 2 pending, 1 running"])
  }

  @Test func aLongFailureLeavesRoomForTheApplications() {
    let failure = APIFailure(
      application: "a0", step: "launch", reason: "no disk", logTail: (1...50).map(String.init).joined(separator: "\n"))
    let applications = (0..<20).map { application("a\($0)", $0 == 0 ? "failed" : "done", sentence: "s") }
    let lines = RunTree(status: status("failed", applications, failure: failure), now: start, size: size(80, 11)).lines
    #expect(
      lines.suffix(6) == ["└─ … 16 more: 16 done", "a0, launch: no disk", "  | 47", "  | 48", "  | 49", "  | 50"])
    #expect(lines[1].contains("✘ a0"))
    #expect(lines.count == 11)
  }

  @Test func whatOthersWroteCannotBreakLinesOrReachTheTerminal() {
    let failure = APIFailure(
      application: "d\u{1B}[2Jb", step: nil, reason: "one\n\u{1B}]0;t\u{7}two",
      logTail: "\u{1B}[31ma\tb\u{7}\n\u{9B}Hc\n")
    let tree = RunTree(
      status: status("failed", [application("d\u{1B}[2Jb", "done", sentence: "a\nb\u{1B}[0m")], failure: failure),
      now: start)
    #expect(
      tree.lines.dropFirst() == [
        "└─ ✔ db  a b  1.2s", "db: one", "two", "  | a       b^G", "  | c",
      ])
    let event = APIEvent(
      run: 7, sequence: 1, at: start, kind: "information", application: "a\u{1B}c", step: nil, sentence: "x\ny\u{7}",
      data: [:], final: false)
    #expect(EventLine.text(event) == "00:16:40Z  a  x y^G")
    var table = Table("A")
    table.add("x\u{1B}[2J\ny")
    #expect(table.text == "A\nx y\n")
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
