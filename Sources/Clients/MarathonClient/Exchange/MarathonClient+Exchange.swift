import Concurrency
import HTTPClient
import HTTPTypes
import JSON

extension MarathonClient {
  /// A request with the path and query of the API.
  struct Call {
    var method: HTTPMethod
    /// Encoded, with its slash.
    var path: String
    var query = QueryItems()
    var body: JSON?

    init(_ method: HTTPMethod = .get, _ path: String, query: QueryItems = [:], body: JSON? = nil) {
      self.method = method
      self.path = path
      self.query = query
      self.body = body
    }

    var target: String { query.isEmpty ? path : "\(path)?\(query.text)" }
  }

  /// The answer if its status is a success.
  func perform(_ call: Call) async throws(MarathonError) -> MarathonAnswer {
    let answer: MarathonAnswer
    do {
      answer = try await permits.withPermit { try await self.exchange(call) }
    } catch let error as MarathonError {
      throw error
    } catch {
      throw MarathonError(.cancelled, request: "\(call.method) \(call.path)", message: "cancelled before it was sent")
    }
    guard answer.isSuccess else { throw MarathonError(answer: answer) }
    return answer
  }

  /// Tries the endpoints one after another, as long as the request cannot have reached any of them.
  private func exchange(_ call: Call) async throws(MarathonError) -> MarathonAnswer {
    var failure: HTTPClientError?
    var name = "\(call.method) \(call.path)"
    for index in choice.withLock({ $0.order }) {
      let endpoint = configuration.endpoints.urls[index]
      name = "\(call.method) \(endpoint)\(call.path)"
      do {
        let (head, body) = try await http.fetch(request(call, endpoint), upTo: configuration.answerLimit)
        choice.withLock { $0.succeeded(index) }
        return MarathonAnswer(request: name, status: head.status, fields: head.fields, body: body)
      } catch {
        failure = error
        guard error.isBeforeSending else { break }
        choice.withLock { $0.failed(index) }
      }
    }
    throw MarathonError(failure, request: name)
  }

  private func request(_ call: Call, _ endpoint: String) -> HTTPClientRequest {
    var request = HTTPClientRequest(
      call.method, url: endpoint + call.target, connectTimeout: configuration.connectTimeout,
      timeout: configuration.timeout, basicAuthorization: credentials)
    request.fields["Accept"] = "application/json"
    if let body = call.body {
      request.fields["Content-Type"] = "application/json"
      request.body = body.bytes
    }
    return request
  }

  /// The path of an application: its id, with or without the slash at its beginning, segment by segment.
  static func path(ofApp id: String, _ rest: String...) -> String {
    let segments = id.split(separator: "/", omittingEmptySubsequences: false).drop { $0.isEmpty }
    let encoded = segments.map { PercentCoding.encode($0, allowed: .pathSegment) }
    return (["/v2/apps"] + encoded + rest.map { PercentCoding.encode($0, allowed: .pathSegment) })
      .joined(separator: "/")
  }
}

extension MarathonError {
  init(_ error: HTTPClientError?, request: String) {
    let code: Code =
      switch error?.code {
      case .cancelled?: .cancelled
      case .invalidURL?, .invalidRequest?: .invalidEndpoint
      case .invalidResponse?, .tooLarge?: .unexpectedAnswer
      default: .transport
      }
    // The client's text begins with the request too.
    let text = error?.message ?? "no endpoint"
    let message = text.hasPrefix("\(request): ") ? String(text.dropFirst(request.count + 2)) : text
    self.init(
      code, request: request, message: message, mayHaveHappened: error.map { !$0.isBeforeSending } ?? false,
      originalText: "\(request): \(message)")
  }
}
