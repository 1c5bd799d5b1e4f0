import JSON
import Testing

@testable import ScriptHost

struct HTTPCallTests {
  private func call(_ name: String = "http.post", _ arguments: JSON...) throws -> HTTPCall {
    let function = try #require(HostFunctions.named(name))
    return try HTTPCall(name, function.check(arguments).get())
  }

  private func problem(_ name: String = "http.post", _ arguments: JSON...) throws -> String {
    let function = try #require(HostFunctions.named(name))
    switch function.check(arguments) {
    case .success: return ""
    case .failure(let failure):
      #expect(failure.code == .invalidArgument)
      return failure.message
    }
  }

  @Test func defaults() throws {
    let call = try call("http.get", "http://a.b/x")
    #expect(call.method == "GET")
    #expect(call.target.url == "http://a.b:80/x")
    #expect(call.headers.isEmpty)
    #expect(call.body == nil)
    #expect(call.timeout == .seconds(30))
    #expect(call.answerLimit == 1 << 20)
  }

  @Test func everything() throws {
    let options: JSON = [
      "query": ["a": "x y", "b": 1, "c": true, "d": 1.5], "headers": ["X-B": "1", "X-A": "2\t"],
      "json": ["k": [1, nil]],
      "timeout": "5m", "limit": "2MiB",
    ]
    let call = try call("http.request", "patch", "http://a.b/x?z", options)
    #expect(call.method == "PATCH")
    #expect(call.target.url == "http://a.b:80/x?z&a=x%20y&b=1&c=true&d=1.5")
    #expect(call.headers.map { "\($0.name)=\($0.value)" } == ["Content-Type=application/json", "X-A=2\t", "X-B=1"])
    #expect(call.body == Array(#"{"k":[1,null]}"#.utf8))
    #expect(call.timeout == .seconds(300))
    #expect(call.answerLimit == 2 << 20)
  }

  @Test func textHasAType() throws {
    #expect(try call("http.put", "http://a.b", ["body": "ä"]).headers.map(\.value) == ["text/plain; charset=utf-8"])
    let typed: JSON = ["body": "{}", "headers": ["content-type": "application/x"]]
    #expect(try call("http.put", "http://a.b", typed).headers.map(\.value) == ["application/x"])
    #expect(try call("http.put", "http://a.b", ["json": false]).body == Array("false".utf8))
  }

  @Test(
    arguments: [
      ["headers": ["Host": "x"]], ["headers": ["content-LENGTH": "1"]], ["headers": ["Transfer-Encoding": "chunked"]],
      ["headers": ["Connection": "x"]], ["headers": ["X Y": "1"]], ["headers": ["": "1"]],
      ["headers": ["X": "a\r\nY: b"]],
      ["headers": ["X": "a\u{0}"]], ["headers": ["X": 1]], ["headers": ["X": "1", "x": "2"]], ["query": ["a": ["b"]]],
      ["json": 1, "body": "x"], ["timeout": "0s"], ["timeout": "11m"], ["timeout": 30], ["limit": "3MiB"],
      ["nothing": 1],
    ] as [JSON])
  func refused(_ options: JSON) throws { #expect(try problem("http.post", "http://a.b", options) != "") }

  @Test func badURLsAndMethodsAreRefusedBeforeAnythingElse() throws {
    #expect(try problem("http.get", "http://127.1").hasPrefix("argument url has no host in plain form"))
    #expect(try problem("http.request", "CONNECT", "http://a.b").hasPrefix("argument method"))
    #expect(try problem("http.request", "GET /x HTTP/1.1\r\nA:", "http://a.b").hasPrefix("argument method"))
    #expect(try problem("http.get", "http://a.b", ["body": "x"]).contains("no field 'body'"))
  }

  @Test func bodiesHaveALimit() throws {
    let body = String(repeating: "a", count: HTTPCall.largestBody)
    #expect(try call("http.post", "http://a.b", ["body": .string(body)]).body?.count == HTTPCall.largestBody)
    #expect(try problem("http.post", "http://a.b", ["body": .string(body + "a")]).contains("are allowed"))
  }

  // MARK: what is kept and shown of it

  @Test(
    arguments: [
      ("http.get", [], "answer"), ("http.put", [], "repeat"), ("http.delete", [], "repeat"),
      ("http.post", [], "block"),
      ("http.post", [["idempotent": true]], "repeat"), ("http.request GET", [], "answer"),
      ("http.request head", [], "answer"),
      ("http.request PUT", [], "repeat"), ("http.request PATCH", [], "block"), ("http.request QUERY", [], "block"),
      ("http.request POST", [["idempotent": true]], "repeat"),
    ] as [(String, [JSON], String)])
  func recording(_ words: String, _ options: [JSON], _ expected: String) throws {
    let parts = words.split(separator: " ").map(String.init)
    let function = try #require(HostFunctions.named(parts[0]))
    let arguments = try function.check(parts.dropFirst().map { .string($0) } + ["http://a.b"] + options).get()
    switch function.recording(of: arguments) {
    case .answer: #expect(expected == "answer")
    case .effect(let inDoubt): #expect(expected == inDoubt.rawValue)
    case .pure, .commit, .wait, .depends: Issue.record("not resolved")
    }
  }

  @Test func secretsAreNotShown() throws {
    let function = try #require(HostFunctions.named("http.post"))
    let arguments = try function.check([
      "http://a.b/x?token=s3cret",
      ["headers": ["Authorization": "s3cret"], "json": ["p": "s3cret"], "query": ["q": "s3cret"]],
    ]).get()
    #expect(function.shown(arguments) == "POST http://a.b:80/x?token=…&q=…")
    #expect(function.operation(arguments)?.description == "http.post:a.b:80")
  }

  // MARK: answers

  @Test func answers() throws {
    let headers = [("Set-Cookie", "a"), ("X", "1"), ("set-cookie", "b")].map { HTTPCall.Header(name: $0, value: $1) }
    let answer = HTTPCall.answer(status: 404, headers: headers, body: Array(#"{"a":1}"#.utf8))
    #expect(
      answer
        == .result([
          "status": 404, "headers": ["set-cookie": "a, b", "x": "1"], "body": #"{"a":1}"#, "json": ["a": 1],
        ]))
    #expect(
      HTTPCall.answer(status: 200, headers: [], body: []) == .result(["status": 200, "headers": [:], "body": ""]))
    #expect(
      HTTPCall.answer(status: 200, headers: [], body: [0xFF])
        == .result(["status": 200, "headers": [:], "bytes": "/w=="]))
    let deep = Array(String(repeating: "[", count: 100).utf8)
    #expect(
      HTTPCall.answer(status: 200, headers: [], body: deep) != .result(["status": 200, "headers": [:], "body": ""]))
  }
}
