import JSON
import Testing

@testable import ScriptHost

struct WorkerConversationTests {
  private func message(_ text: String) throws -> WorkerMessage { try WorkerMessage(decoding: Array(text.utf8)) }

  private func running(_ limits: ScriptLimits = ScriptLimits()) throws -> WorkerConversation {
    let pure = HostFunction("host.pure", recording: .pure { _, _ in .result(.null) }, doc: "For tests.")
    let echo = HostFunction("host.echo", recording: .answer, doc: "For tests.")
    var conversation = WorkerConversation(functions: [echo, pure], limits: limits)
    #expect(try conversation.handle(.ready(protocolVersion: 5)) == .ready)
    return conversation
  }

  @Test func messages() throws {
    #expect(try message(#"{"op":"ready","protocol":5}"#) == .ready(protocolVersion: 5))
    #expect(try message(">\u{0}bytes") == .output(Array("\u{0}bytes".utf8)))
    #expect(
      try message(#"{"id":3,"op":"a.b","args":[1,null]}"#) == .call(id: 3, function: "a.b", arguments: [1, .null]))
    #expect(
      try message(#"{"id":3,"op":"a.b","args":[],"later":true}"#)
        == .call(id: 3, function: "a.b", arguments: [], isLater: true))
    #expect(
      try message(#"{"id":3,"op":"a.b","args":[],"at":"a.lua:7","later":true}"#)
        == .call(id: 3, function: "a.b", arguments: [], isLater: true, place: "a.lua:7"))
    #expect(try message(#"{"op":"await"}"#) == .await)
    #expect(try message(#"{"op":"end","value":{"a":1.0}}"#) == .ended(["a": 1.0]))
    #expect(
      try message(#"{"op":"error","kind":"syntax","message":"m","at":"f:1","trace":"x\ny\n"}"#)
        == .failed(isSyntax: true, .init(message: "m", place: "f:1", trace: ["x", "y"])))
    #expect(try message(#"{"op":"budget","budget":"cpu","at":"","trace":""}"#) == .stopped(.cpu, .init()))
  }

  /// A character may have any number of bytes.
  @Test func textsAreCutByTheirBytes() throws {
    let long = "ab" + String(repeating: "\u{308}", count: 20_000)
    let short = String(long.unicodeScalars.prefix(2 + 8_191))
    #expect(short.utf8.count == 16 << 10)
    #expect(try message(#"{"op":"refused","message":"\#(long)"}"#) == .refused(short))
    // A scalar that the limit lies within is left out.
    #expect(
      try message(#"{"op":"refused","message":"x\#(long)"}"#)
        == .refused("x" + String(long.unicodeScalars.prefix(2 + 8_190))))
    let report = #""message":"\#(long)","trace":"\#(long)""#
    let raised = #"{"code":"denied","message":"\#(long)","cause":"\#(long)"}"#
    #expect(
      try message(#"{"op":"error","kind":"runtime",\#(report),"raised":\#(raised)}"#)
        == .failed(
          isSyntax: false,
          .init(message: short, trace: [short], raised: HostCallFailure(.denied, short, cause: short))))
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

  @Test(arguments: [
    (#""web/stück.lua:12""#, "web/stück.lua:12"), (#""a\u001b[31m\n\u202eb\u2028\u0085\u007f""#, "a[31mb"),
    (#""\u0000""#, nil), (#""""#, nil), ("7", nil), ("{}", nil), ("null", nil),
  ])
  func aPlaceIsOneShortLine(json: String, place: String?) throws {
    let expected = WorkerMessage.call(id: 1, function: "a.b", arguments: [], place: place)
    #expect(try message(#"{"id":1,"op":"a.b","args":[],"at":\#(json)}"#) == expected)
    #expect(
      try message(#"{"op":"budget","budget":"cpu","at":\#(json),"trace":""}"#) == .stopped(.cpu, .init(place: place)))
  }

  @Test func aLongPlaceIsCutBetweenCharacters() throws {
    let long = "a" + String(repeating: "ü", count: 1_000_000)
    let cut = "a" + String(repeating: "ü", count: 63)
    #expect(
      try message(#"{"id":1,"op":"a.b","args":[],"at":"\#(long)"}"#)
        == .call(id: 1, function: "a.b", arguments: [], place: cut))
  }

  @Test func theLastCallThatWasInOrderIsKept() throws {
    var conversation = try running()
    #expect(conversation.lastCall == nil)
    _ = try conversation.handle(.call(id: 1, function: "host.pure", arguments: [], place: "a.lua:1"))
    _ = conversation.answer(.result(.null))
    _ = try conversation.handle(.call(id: 2, function: "host.echo", arguments: [], isLater: true, place: "a.lua:2"))
    #expect(conversation.lastCall == .init(number: 2, function: "host.echo", place: "a.lua:2"))
    #expect(throws: ProtocolViolation.self) {
      try conversation.handle(.call(id: 3, function: "host.none", arguments: [], place: "a.lua:3"))
    }
    #expect(conversation.lastCall == .init(number: 2, function: "host.echo", place: "a.lua:2"))
  }

  @Test func afterTheLastWordNothingFollows() throws {
    for last in [WorkerMessage.ended(1), .failed(isSyntax: false, .init()), .stopped(.cpu, .init())] {
      var conversation = try running()
      _ = try conversation.handle(last)
      for message in [last, .output([]), .ready(protocolVersion: 5)] {
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

  // MARK: Calls of branches

  private func call(_ id: Int, _ function: String = "host.echo", isLater: Bool = true) -> WorkerMessage {
    .call(id: id, function: function, arguments: [], isLater: isLater)
  }

  private func begun(_ count: Int) throws -> WorkerConversation {
    var conversation = try running()
    for number in 0..<count {
      #expect(
        try conversation.handle(call(number + 1))
          == .begun(HostCall(number: number + 1, function: "host.echo", arguments: [])))
    }
    return conversation
  }

  @Test func callsOfBranchesAreAnsweredInAnyOrderWhenTheWorkerWaits() throws {
    var conversation = try begun(3)
    for number in [2, 3, 1] {
      #expect(try conversation.handle(.await) == .awaits)
      let frame = try JSON(parsing: conversation.answer(BegunAnswer(call: number, answer: .result("x"))))
      #expect(frame == ["id": .integer(Int64(number)), "ok": "x"])
    }
    #expect(throws: ProtocolViolation.self) { try conversation.handle(.await) }
    #expect(
      try conversation.handle(call(4, isLater: false))
        == .call(HostCall(number: 4, function: "host.echo", arguments: [])))
  }

  @Test func whileCallsAreOpenOnlyPureOnesAreAnsweredAtOnce() throws {
    var conversation = try begun(1)
    #expect(
      try conversation.handle(call(2, "host.pure", isLater: false))
        == .call(HostCall(number: 2, function: "host.pure", arguments: [])))
    _ = conversation.answer(.result(.null))
    for message in [call(3, isLater: false), call(3, "host.pure"), call(1), call(2), .ended(.null)] {
      var copy = conversation
      #expect(throws: ProtocolViolation.self) { try copy.handle(message) }
    }
    // A script that has to stop leaves them.
    for message in [WorkerMessage.failed(isSyntax: false, .init()), .stopped(.cpu, .init())] {
      var copy = conversation
      _ = try copy.handle(message)
    }
    #expect(try conversation.handle(.output([1])) == .output([1]))
  }

  @Test func whileItWaitsItSaysNothing() throws {
    var conversation = try begun(2)
    _ = try conversation.handle(.await)
    for message in [call(3), call(3, "host.pure", isLater: false), .await, .output([1]), .ended(.null)] {
      var copy = conversation
      #expect(throws: ProtocolViolation.self) { try copy.handle(message) }
    }
    #expect(try conversation.handle(.stopped(.stopped, .init())) == .stopped(.init()))
  }

  @Test func openCallsAreLimited() throws {
    var conversation = try begun(WorkerConversation.mostOpenCalls)
    #expect(throws: ProtocolViolation.self) { try conversation.handle(call(WorkerConversation.mostOpenCalls + 1)) }
  }
}
