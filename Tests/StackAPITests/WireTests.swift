import Concurrency
import JSON
import StackAPI
import StackModel
import Testing

/// What is sent must not change by accident: others' programs read it.
@Suite struct WireTests {
  private let at = Timestamp(millisecondsSinceEpoch: 1_000)

  private func check<Value: Codable & Equatable>(_ value: Value, _ text: String) throws {
    let json = try JSON(encoding: value)
    #expect(json.text == text)
    #expect(try JSON(parsing: text).decode(Value.self) == value)
  }

  @Test func errors() throws {
    let diagnostic = Diagnostic(
      .error, .wrongType, file: "s.yaml", at: SourcePosition(line: 3, column: 5), "a list is meant", hint: "use [ ]")
    let error = APIError(.invalid, "The stack is wrong", details: ["one"], diagnostics: [APIDiagnostic(diagnostic)])
    try check(
      APIErrorBody(error: error),
      #"{"error":{"code":"invalid","message":"The stack is wrong","details":["one"],"diagnostics":["#
        + #"{"severity":"error","code":"wrong-type","file":"s.yaml","line":3,"column":5,"message":"a list is meant","hint":"use [ ]"}]}}"#
    )
    #expect(APIDiagnostic(diagnostic).description == diagnostic.description)
    #expect(error.description == "The stack is wrong\none\ns.yaml:3:5: error: a list is meant (use [ ])")
    let short = try JSON(parsing: #"{"error":{"code":"new_code","message":"m"}}"#).decode(APIErrorBody.self)
    #expect(short.error.code.rawValue == "new_code")
    #expect(short.error.details.isEmpty && short.error.diagnostics.isEmpty)
  }

  @Test func events() throws {
    try check(
      APIEvent(
        run: 7, sequence: 3, at: at, kind: "step_started", application: "web", step: "launch", sentence: "web: launch",
        data: ["x": 1], final: false),
      #"{"run":7,"sequence":3,"at":"1970-01-01T00:00:01.000Z","kind":"step_started","application":"web","#
        + #""step":"launch","sentence":"web: launch","data":{"x":1},"final":false}"#)
  }

  @Test func requests() throws {
    let request = try JSON(parsing: #"{"stack":"s"}"#).decode(APIRunRequest.self)
    #expect(request == APIRunRequest(stack: "s"))
    try check(
      APIRunRequest(stack: "s", zone: "z", variables: ["b": "2", "a": "1"], skip: ["x"], maxWait: 1.5, prune: true),
      #"{"stack":"s","zone":"z","variables":{"a":"1","b":"2"},"skip":["x"],"maxWait":1.5,"prune":true}"#)
    try check(APIResumeRequest(decision: .skipStep), #"{"decision":"skip_step"}"#)
    let error = #expect(throws: JSONDecodingError.self) {
      try JSON(parsing: #"{"stack":"s","maxWait":"5"}"#).decode(APIRunRequest.self)
    }
    #expect(error?.path == "$.maxWait")
  }

  @Test func stacks() throws {
    try check(APIStackAddition(source: "name: s", replace: true), #"{"source":"name: s","replace":true}"#)
    try check(
      APIStackAddition(source: "name: s", file: "s.yaml", files: ["hooks/a.lua": "YQ=="]),
      #"{"source":"name: s","file":"s.yaml","files":{"hooks/a.lua":"YQ=="}}"#)
    try check(
      APIStackFileList(name: "s", revision: 2, files: [APIStackFile(path: "a", size: 1, sha256: "00")]),
      #"{"name":"s","revision":2,"files":[{"path":"a","size":1,"sha256":"00"}]}"#)
  }

  @Test func runs() throws {
    let run = APIRunSummary(
      id: 7, kind: "run", stack: "s", zone: "", state: "running", error: nil, createdAt: at, createdBy: "u",
      startedAt: at, endedAt: nil)
    #expect(!run.isFinal)
    let waiting = APIWaiting(step: "launch", since: at, until: nil, cause: "offers", sentence: "no agent")
    let application = APIApplicationStatus(
      id: "web", operation: "deploy", state: "running", change: nil, step: "launch", stepSince: at, waiting: waiting,
      failure: nil, startedAt: at, endedAt: nil, dependencies: ["db"], steps: ["launch"],
      instances: .init(wanted: 2, running: 1, healthy: nil), endpoint: nil, sentence: "no agent")
    let status = APIRunStatus(
      run: run, revision: 1, failure: nil, waiting: nil, cancelling: false, applications: [application],
      variables: ["zone": ""], sequence: 12)
    let json = try JSON(encoding: status)
    #expect(try json.decode(APIRunStatus.self) == status)
    #expect(json["applications"]?[0]?["waiting"]?["cause"] == "offers")
    #expect(json["run"]?["id"] == 7)
    #expect(json["failure"] == nil)
    #expect(json["applications"]?[0]?["called"] == nil)
  }

  /// What older servers do not send, and what older clients do not know.
  @Test func calledApplications() throws {
    let called = APICalledApplication(
      id: "/web", script: "run", call: "wait_healthy", state: "failed", change: "created",
      waiting: nil, failure: APIFailure(application: "/web", step: "healthy", reason: "no", logTail: nil),
      startedAt: at, endedAt: nil, instances: .init(wanted: 2, running: 1, healthy: 0), endpoint: nil,
      sentence: "created; wait_healthy: no")
    try check(
      called,
      #"{"id":"/web","script":"run","call":"wait_healthy","state":"failed","change":"created","#
        + #""failure":{"application":"/web","step":"healthy","reason":"no"},"startedAt":"1970-01-01T00:00:01.000Z","#
        + #""instances":{"wanted":2,"running":1,"healthy":0},"sentence":"created; wait_healthy: no"}"#)
    let application = APIApplicationStatus(
      id: "s", operation: "run", state: "running", change: nil, step: "run", stepSince: nil, waiting: nil,
      failure: nil, startedAt: nil, endedAt: nil, dependencies: [], steps: ["run"], instances: nil, endpoint: nil,
      sentence: "run", called: [called])
    let json = try JSON(encoding: application)
    #expect(json["called"]?[0]?["id"] == "/web")
    #expect(try json.decode(APIApplicationStatus.self) == application)
    let former = try JSON(
      parsing:
        #"{"id":"s","operation":"run","state":"running","dependencies":[],"steps":["run"],"sentence":"run"}"#)
    #expect(try former.decode(APIApplicationStatus.self).called == nil)
  }

  @Test func keysAreNotDescribed() {
    #expect(!"\(APIUserKey(name: "u", key: "secret"))".contains("secret"))
  }
}
