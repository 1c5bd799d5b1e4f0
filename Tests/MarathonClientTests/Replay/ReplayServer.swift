import Concurrency
import HTTPServer
import HTTPTypes

/// A Marathon that gives the answers that it is told, and keeps the requests.
final class ReplayServer: Sendable {
  struct Seen: Sendable {
    var method: String
    var target: String
    var fields: HTTPFields
    var body: String
  }

  private struct State {
    var answers: [HTTPResponse] = []
    var seen: [Seen] = []
  }

  private let server: HTTPServer
  private let state: Locked<State>

  /// Answers are given in this order, the last one again and again.
  init(_ answers: [HTTPResponse] = []) throws {
    let state = Locked(State(answers: answers))
    self.state = state
    server = HTTPServer { request in
      let body = (try? await request.collectBody(upTo: 1 << 20)) ?? []
      return state.withLock { state in
        state.seen.append(
          Seen(
            method: request.method.rawValue, target: request.target, fields: request.fields,
            body: String(decoding: body, as: UTF8.self)))
        guard let answer = state.answers.first else { return .text("no answer is set", status: 599) }
        if state.answers.count > 1 { state.answers.removeFirst() }
        return answer
      }
    }
    try server.start()
  }

  func answer(_ answers: HTTPResponse...) { state.withLock { $0.answers = answers } }

  var seen: [Seen] { state.withLock { $0.seen } }
  var url: String { "http://127.0.0.1:\(server.port)" }

  func stop() async { await server.stop() }
}

extension HTTPResponse {
  static func recorded(_ exchange: Recording.Exchange) -> HTTPResponse {
    let ours = ["content-length", "transfer-encoding", "date", "connection"]
    return HTTPResponse(
      status: exchange.status, fields: HTTPFields(exchange.headers.filter { !ours.contains($0.0.lowercased()) }),
      body: .bytes(Array((exchange.body ?? "").utf8)))
  }

  static func json(_ text: String, status: Int = 200) -> HTTPResponse {
    .json(Array(text.utf8), status: status)
  }
}
