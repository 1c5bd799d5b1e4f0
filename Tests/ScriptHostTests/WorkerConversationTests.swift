import JSON
import Testing

@testable import ScriptHost

struct WorkerConversationTests {
  private func message(_ text: String) throws -> WorkerMessage { try WorkerMessage(decoding: Array(text.utf8)) }

  private func running(_ limits: ScriptLimits = ScriptLimits()) throws -> WorkerConversation {
    var conversation = WorkerConversation(functions: ["host.echo"], limits: limits)
    #expect(try conversation.handle(.ready(protocolVersion: 2)) == .ready)
    return conversation
  }

  @Test func messages() throws {
    #expect(try message(#"{"op":"ready","protocol":2}"#) == .ready(protocolVersion: 2))
    #expect(try message(">\u{0}bytes") == .output(Array("\u{0}bytes".utf8)))
    #expect(
      try message(#"{"id":3,"op":"a.b","args":[1,null]}"#) == .call(id: 3, function: "a.b", arguments: [1, .null]))
    #expect(try message(#"{"op":"end","value":{"a":1.0}}"#) == .ended(["a": 1.0]))
    #expect(
      try message(#"{"op":"error","kind":"syntax","message":"m","at":"f:1","trace":"x\ny\n"}"#)
        == .failed(isSyntax: true, .init(message: "m", place: "f:1", trace: ["x", "y"])))
    #expect(try message(#"{"op":"budget","budget":"cpu","at":"","trace":""}"#) == .stopped(.cpu, .init()))
  }

  @Test func aCallIsAnsweredBeforeAnythingElseIsSaid() throws {
    var conversation = try running()
    let call = WorkerMessage.call(id: 1, function: "host.echo", arguments: [])
    #expect(try conversation.handle(call) == .call(HostCall(number: 1, function: "host.echo", arguments: [])))
    for message in [call, .output([1]), .ended(.null), .failed(isSyntax: false, .init()), .stopped(.memory, .init())] {
      var copy = conversation
      #expect(throws: ProtocolViolation.self) { try copy.handle(message) }
    }
    #expect(try JSON(parsing: conversation.answer(.result("x"))) == ["id": 1, "ok": "x"])
    #expect(
      try conversation.handle(.call(id: 2, function: "host.echo", arguments: [1]))
        == .call(HostCall(number: 2, function: "host.echo", arguments: [1])))
    #expect(
      try JSON(parsing: conversation.answer(.failure(HostCallFailure(.denied, "no", details: [1])))) == [
        "id": 2, "error": ["code": "denied", "message": "no", "retryable": false, "details": [1]],
      ])
  }

  @Test func afterTheLastWordNothingFollows() throws {
    for last in [WorkerMessage.ended(1), .failed(isSyntax: false, .init()), .stopped(.cpu, .init())] {
      var conversation = try running()
      _ = try conversation.handle(last)
      for message in [last, .output([]), .ready(protocolVersion: 2)] {
        #expect(throws: ProtocolViolation.self) { try conversation.handle(message) }
      }
    }
  }

  @Test func outputIsCounted() throws {
    var conversation = try running(ScriptLimits(output: 10))
    #expect(
      try conversation.handle(.output([UInt8](repeating: 1, count: 10))) == .output([UInt8](repeating: 1, count: 10)))
    guard case .failed(let failure) = try conversation.handle(.output([1])) else {
      Issue.record("the limit was not kept")
      return
    }
    #expect(failure.kind == .budgetExceeded(.output))
  }
}
