import Concurrency
import HTTPClient
import HTTPServer
import HTTPTypes
import StackClient

/// A server that answers the nth request with the nth answer, the last one for all that follow, and keeps what it was asked.
final class ScriptedServer: Sendable {
  struct Request: Sendable {
    var method: String
    var target: String
    var fields: HTTPFields
    var body: String
  }

  private struct State {
    var requests: [Request] = []
  }

  private let state: Locked<State>
  private let server: HTTPServer

  init(_ answers: HTTPResponse...) throws {
    let state = Locked(State())
    self.state = state
    server = HTTPServer { request in
      let body = (try? await request.collectBody(upTo: 1 << 20)) ?? []
      let number = state.withLock { state in
        state.requests.append(
          Request(
            method: request.method.rawValue, target: request.target, fields: request.fields,
            body: String(decoding: body, as: UTF8.self)))
        return state.requests.count
      }
      return answers[min(number, answers.count) - 1]
    }
    try server.start()
  }

  var requests: [Request] { state.withLock { $0.requests } }

  func client(user: String = "ann", key: String = "k") -> StackClient {
    StackClient(address: "http://127.0.0.1:\(server.port)", user: user, key: key, http: HTTPClient())
  }

  func stop() async { await server.stop() }
}

extension HTTPResponse {
  static func json(_ text: String, status: Int = 200) -> HTTPResponse {
    HTTPResponse(status: status, fields: ["Content-Type": "application/json"], body: .bytes(Array(text.utf8)))
  }

  static func events(_ texts: String...) -> HTTPResponse {
    HTTPResponse(
      fields: ["Content-Type": "text/event-stream"],
      body: .stream { writer in
        for text in texts { try await writer.write(Array(text.utf8)) }
      })
  }
}
