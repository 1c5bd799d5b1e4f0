import Concurrency
import Glibc
import HTTPServer
import HTTPTypes
import JSON
import ScriptHost
import StackModel
import StackServer
import Testing

/// Requests of scripts over real sockets. Every name here stands for loopback, so nothing else is contacted if a check fails.
@Suite struct ScriptRequestTests {
  private let requests = ScriptRequests()

  private func withServer(
    _ answer: @escaping @Sendable (HTTPRequest) async -> HTTPResponse, _ test: (_ url: String) async throws -> Void
  ) async throws {
    let server = HTTPServer { request in await answer(request) }
    try server.start()
    do {
      try await test("http://127.0.0.1:\(server.port)")
    } catch {
      await server.stop()
      throw error
    }
    await server.stop()
  }

  private func call(_ name: String, _ arguments: JSON...) throws -> HTTPCall {
    try HTTPCall(name, try #require(HostFunctions.named(name)).check(arguments).get())
  }

  private func failure(_ call: HTTPCall, allows: Bool = true) async -> HostCallFailure? {
    guard case .failure(let failure)? = await requests.send(call, isAllowed: { _ in allows }) else { return nil }
    return failure
  }

  @Test func aRequestIsSentAsItWasAskedFor() async throws {
    let seen = Locked("")
    try await withServer { request in
      let body = (try? await request.collectBody(upTo: 100)) ?? []
      seen.withLock {
        $0 =
          "\(request.method) \(request.path) \(request.query["q"] ?? "") \(request.fields["X-A"] ?? "") "
          + "\(request.fields["Content-Type"] ?? "") " + String(decoding: body, as: UTF8.self)
      }
      return HTTPResponse(status: 404, fields: ["X-B": "c"], body: .bytes(Array(#"{"a":[1]}"#.utf8)))
    } _: { url in
      let options: JSON = ["query": ["q": "x y"], "headers": ["X-A": "b"], "json": ["k": "v"]]
      let answer = await requests.send(try call("http.post", .string(url + "/p"), options), isAllowed: { _ in true })
      guard case .result(let value)? = answer else {
        Issue.record("\(String(describing: answer))")
        return
      }
      #expect(seen.withLock { $0 } == #"POST /p x y b application/json {"k":"v"}"#)
      #expect(value["status"] == 404)
      #expect(value["headers"]?["x-b"] == "c")
      #expect(value["json"] == ["a": [1]])
    }
  }

  @Test func redirectsAreAnswers() async throws {
    let count = Locked(0)
    try await withServer { _ in
      count.withLock { $0 += 1 }
      return HTTPResponse(status: 302, fields: ["Location": "/elsewhere"])
    } _: { url in
      let answer = await requests.send(try call("http.get", .string(url)), isAllowed: { _ in true })
      guard case .result(let value)? = answer else {
        Issue.record("\(String(describing: answer))")
        return
      }
      #expect(value["status"] == 302)
      #expect(value["headers"]?["location"] == "/elsewhere")
      #expect(count.withLock { $0 } == 1)
    }
  }

  /// What is asked is the address that is connected to, also of a name, and by what grants say of it.
  @Test func addressesThatAreNotGrantedAreNotConnectedTo() async throws {
    let count = Locked(0)
    try await withServer { _ in
      count.withLock { $0 += 1 }
      return HTTPResponse()
    } _: { url in
      let port = url.split(separator: ":").last ?? ""
      let call = try call("http.get", .string("http://localhost:\(port)/"))
      let operation = ScriptOperation("http.get", .endpoint(call.target.endpoint))
      for (list, isReached) in [(["*"], false), (["http:local*"], false), (["http:localhost:\(port)"], true)] {
        let grants = ScriptGrants(server: try ServerGrants(list), stack: nil, isRegular: false)
        #expect(grants.denial(of: operation) == nil)
        let answer = await requests.send(call) { grants.allows($0, of: operation) }
        if isReached {
          guard case .result? = answer else {
            Issue.record("\(String(describing: answer))")
            continue
          }
        } else {
          guard case .failure(let failure)? = answer else {
            Issue.record("it was reached by \(list)")
            continue
          }
          #expect(failure.code == .denied)
          #expect(
            failure.details
              == ["operation": "http.get", "resource": .string("localhost:\(port)"), "by": "address"])
        }
      }
      #expect(count.withLock { $0 } == 1)
    }
  }

  @Test func errorsSayWhatHappenedAndWhetherItWasSent() async throws {
    try await withServer { _ in
      HTTPResponse(body: .bytes([UInt8](repeating: 65, count: 2000)))
    } _: { url in
      let large = await failure(try call("http.get", .string(url + "/?k=s3cret"), ["limit": "1KiB"]))
      #expect(large?.code == .unavailable)
      #expect(large?.message.contains("s3cret") == false)
      #expect(large?.details == ["sent": true])
      #expect(large?.retryable == false)
    }
    // Nothing listens there any more.
    let closed = Locked("")
    try await withServer { _ in
      HTTPResponse()
    } _: { url in
      closed.withLock { $0 = url }
    }
    let refused = await failure(try call("http.post", .string(closed.withLock { $0 })))
    #expect(refused?.code == .unavailable)
    #expect(refused?.details == ["sent": false])
    #expect(refused?.retryable == true)
  }

  @Test func aTimeoutCounts() async throws {
    let isOver = AsyncSignal()
    try await withServer { _ in
      try? await isOver.wait()
      return HTTPResponse()
    } _: { url in
      let late = await failure(try call("http.get", .string(url), ["timeout": "50ms"]))
      isOver.fire()
      #expect(late?.code == .timeout)
      #expect(late?.retryable == true)
    }
  }

  @Test func aCancelledRequestHasNoAnswer() async throws {
    let isAsked = AsyncSignal()
    try await withServer { _ in
      isAsked.fire()
      try? await AsyncSignal().wait()
      return HTTPResponse()
    } _: { url in
      let call = try call("http.post", .string(url))
      let requests = requests
      let task = Task { await requests.send(call, isAllowed: { _ in true }) }
      try await isAsked.wait()
      task.cancel()
      #expect(await task.value == nil)
    }
  }
}
