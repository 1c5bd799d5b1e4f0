package import HTTPClient
import HTTPTypes
package import JSON
import StackAPI

/// Calls a stack-deploy server: the JSON API, and (in `Original/`) the calls of the original's command line.
package struct StackClient: Sendable {
  /// Without a slash at its end: `http://127.0.0.1:4200`, or `unix:/path` for a client that connects to that socket.
  package let address: String
  private let user: String
  private let key: String
  let http: HTTPClient
  /// Told of each call and its answer, without the key.
  private let trace: (@Sendable (String) -> Void)?

  /// An answer that is not a stream may have at most so many bytes.
  static let answerLimit = 64 << 20

  package init(
    address: String, user: String, key: String, http: HTTPClient, trace: (@Sendable (String) -> Void)? = nil
  ) {
    self.trace = trace
    self.address = address
    self.user = user
    self.key = key
    self.http = http
  }

  /// A call of the JSON API whose answer is a value.
  func call<Answer: Decodable>(
    _ route: APIRoute, _ path: [String] = [], query: QueryItems = QueryItems(), body: (some Encodable)? = JSON?.none,
    as type: Answer.Type
  ) async throws(StackClientError) -> Answer {
    try understand(try await callForJSON(route, path, query: query, body: body), as: type)
  }

  /// Reads an answer that was asked for as JSON.
  package func understand<Answer: Decodable>(
    _ json: JSON, as type: Answer.Type
  ) throws(StackClientError) -> Answer {
    do {
      return try json.decode(type)
    } catch {
      throw StackClientError(.unexpectedAnswer, "\(address) gave an answer that is not understood: \(error)")
    }
  }

  /// The same, as the server wrote it: for output that adds nothing and loses nothing.
  func callForJSON(
    _ route: APIRoute, _ path: [String] = [], query: QueryItems = QueryItems(), fields: HTTPFields = [:],
    body: (some Encodable)? = JSON?.none
  ) async throws(StackClientError) -> JSON {
    var request = try request(route, path, query: query, body: body)
    for (name, value) in fields { request.fields[name] = value }
    request.fields["Accept"] = "application/json"
    let answer = try await send(request)
    return try json(of: answer)
  }

  func request(
    _ route: APIRoute, _ path: [String], query: QueryItems = QueryItems(), body: (some Encodable)?
  ) throws(StackClientError) -> HTTPClientRequest {
    var request = HTTPClientRequest(HTTPMethod(rawValue: route.method), url: url(route, path, query))
    guard let body else { return request }
    do {
      request.body = try JSON(encoding: body).bytes
    } catch {
      throw StackClientError(.invalidRequest, "the request cannot be written as JSON: \(error)")
    }
    request.fields["Content-Type"] = "application/json"
    return request
  }

  func url(_ route: APIRoute, _ path: [String], _ query: QueryItems) -> String {
    let question = query.isEmpty ? "" : "?\(query.text)"
    return base + route.path(path) + question
  }

  /// What URLs begin with.
  var base: String { address.hasPrefix("unix:") ? "http://localhost" : address }

  struct Answer: Sendable {
    var status: Int
    var fields: HTTPFields
    var body: [UInt8]

    var text: String { String(decoding: body, as: UTF8.self) }
  }

  /// Sends with the caller's name and key, both also when they are empty, as the original does.
  func open(_ request: HTTPClientRequest) async throws(StackClientError) -> HTTPClientResponse {
    // Before anything else shows the address.
    guard !base.contains("@") else {
      throw StackClientError(
        .invalidRequest, "credentials do not belong into the server's address: SD_USER and SD_KEY are for them")
    }
    var request = request
    request.fields["X-Api-User"] = user
    request.fields["X-Api-Key"] = key
    if let trace {
      let body = request.body.map { " \(String(decoding: $0.prefix(2_000), as: UTF8.self))" } ?? ""
      trace("> \(request.method) \(request.url) as \(user.isEmpty ? "nobody" : user)\(body)")
    }
    let start = ContinuousClock.now
    do {
      let response = try await http.send(request)
      trace?("< \(response.status) after \((ContinuousClock.now - start) / .milliseconds(1)) ms")
      return response
    } catch {
      trace?("< \(error)")
      throw StackClientError(error, address: address)
    }
  }

  /// As `open`, for an answer whose body is read as it comes.
  /// - Throws: what the server refuses as well.
  func openStream(_ request: HTTPClientRequest) async throws(StackClientError) -> HTTPClientResponse {
    let response = try await open(request)
    guard response.status == 200 else {
      let answer = try await collect(response)
      throw refusal(try? JSON(parsing: answer.body), status: answer.status)
    }
    return response
  }

  func send(_ request: HTTPClientRequest) async throws(StackClientError) -> Answer {
    let response = try await open(request)
    return try await collect(response)
  }

  func collect(_ response: HTTPClientResponse) async throws(StackClientError) -> Answer {
    do {
      return Answer(
        status: response.status, fields: response.fields, body: try await response.collect(upTo: Self.answerLimit))
    } catch {
      throw StackClientError(error, address: address)
    }
  }

  private func json(of answer: Answer) throws(StackClientError) -> JSON {
    let json: JSON
    do {
      json = try JSON(parsing: answer.body)
    } catch {
      throw StackClientError(
        .unexpectedAnswer,
        "\(address) answered \(answer.status) with something that is no JSON: is it a stack-deploy server of this version?",
        status: answer.status)
    }
    guard (200..<300).contains(answer.status) else { throw refusal(json, status: answer.status) }
    return json
  }

  func refusal(_ json: JSON?, status: Int) -> StackClientError {
    guard let json, let body = try? json.decode(APIErrorBody.self) else {
      return StackClientError(.unexpectedAnswer, "\(address) answered \(status) without saying why", status: status)
    }
    var message = body.error.message
    if status == 401, !message.contains("SD_KEY") { message += " (SD_USER and SD_KEY name the user and the key)" }
    return StackClientError(.refused, message, status: status, error: body.error)
  }
}
