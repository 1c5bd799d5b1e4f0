import Concurrency
import HTTPServer
import HTTPTypes
import StackAPI
import Store
import Telemetry

/// Finds the route of a request, checks who asks, calls the handler, tells errors in the route's manner.
struct Router: Sendable {
  private let routes: [Route]
  /// Those that may answer at once, by their path: none of them has braces.
  private let immediateRoutes: [String: Route]
  private let authenticator: Authenticator
  private let origin: OriginCheck
  private let gate: Gate
  private let metrics: ServerMetrics

  private static let logger = Logger("http")
  private static let jsonPrefix = APIRoute.root + "/"

  init(routes: [Route], authenticator: Authenticator, origin: OriginCheck, gate: Gate, metrics: ServerMetrics) {
    self.routes = routes
    immediateRoutes = Dictionary(routes.filter { $0.immediate != nil }.map { ($0.template, $0) }) { first, _ in first }
    self.authenticator = authenticator
    self.origin = origin
    self.gate = gate
    self.metrics = metrics
  }

  func respond(to request: HTTPRequest) async -> HTTPResponse {
    let start = ContinuousClock.now
    let (template, response) = await dispatch(request)
    answered(request, template, response, since: start)
    return response
  }

  /// Answers what can be answered without waiting; see `HTTPServer.ImmediateHandler`. Everything that is not plainly a
  /// success is left to `respond`.
  ///
  /// A body is waited for only where the key is known to be right: whoever has none makes the server keep nothing.
  @Sendable func answerAtOnce(_ request: HTTPRequest, hasBody: Bool) -> HTTPServer.ImmediateAnswer? {
    guard let route = immediateRoutes[request.path], let immediate = route.immediate, route.takes(request.method)
    else { return hasBody && caller(of: request, for: .regular) != nil ? Self.leftToTheHandler : nil }
    guard origin.objection(to: request) == nil else { return nil }
    var call = Call(request: request, caller: nil, parameters: [:])
    if route.access == .open {
      // What is open has no use for a body.
      if hasBody { return nil }
    } else {
      guard let caller = caller(of: request, for: route.access) else { return nil }
      call.caller = caller
    }
    return { [call] body in
      let start = ContinuousClock.now
      guard let response = immediate(call, body) else { return nil }
      answered(request, route.template, response, since: start)
      return response
    }
  }

  /// Whose key is known to be right.
  private func caller(of request: HTTPRequest, for access: Access) -> Caller? {
    authenticator.known(request.fields, from: request.peer.group, for: access)
  }

  private static let leftToTheHandler: HTTPServer.ImmediateAnswer = { _ in nil }

  private func answered(
    _ request: HTTPRequest, _ template: String, _ response: HTTPResponse, since start: ContinuousClock.Instant
  ) {
    let elapsed = ContinuousClock.now - start
    Self.logger.debug(
      "answered",
      [
        "method": request.method.rawValue, "path": request.path, "status": response.status,
        "seconds": elapsed.inSeconds, "from": request.peer.name,
      ])
    metrics.served(
      method: request.method.rawValue, route: template, status: response.status, in: elapsed)
  }

  private func dispatch(_ request: HTTPRequest) async -> (template: String, HTTPResponse) {
    let isJSON = request.path == APIRoute.root || request.path.hasPrefix(Self.jsonPrefix)
    if let reason = origin.objection(to: request) {
      let refusal = Refusal(403, APIError(.forbidden, reason))
      return ("(cross-site)", isJSON ? refusal.asJSON : refusal.asText)
    }
    if !isJSON, let clean = Self.cleanedPath(of: request) {
      return ("(redirect)", Self.redirect(request.method, to: clean))
    }
    let fitting = routes.compactMap { route in route.match(request.pathSegments).map { (route, $0) } }
    guard let (_, _) = fitting.first, !request.path.hasSuffix("/") || request.path == "/" else {
      return ("(unknown)", isJSON ? Self.unknown(request).asJSON : Self.unknownAsOriginal)
    }
    guard let (route, parameters) = fitting.first(where: { $0.0.takes(request.method) })
    else { return ("(method)", Self.methodNotAllowed(request, fitting.map(\.0))) }
    do {
      let caller =
        route.access == .open
        ? nil
        : try await authenticator.authenticate(
          request.fields, from: request.peer.group, for: route.access)
      // Handlers that read a body first ask again.
      if route.access != .open { try gate.check(for: parameters["run"].flatMap { Int64($0) }.map(RunID.init)) }
      return (route.template, try await route.handler(Call(request: request, caller: caller, parameters: parameters)))
    } catch {
      let refusal = Refusal(error)
      // Who leaves in the middle of a request is no fault of ours.
      let isGivenUp = error is CancellationError || (error as? HTTPRequestBodyError) == .closedEarly
      if refusal.status >= 500, !isGivenUp {
        Self.logger.warning(
          "a request failed",
          ["method": request.method.rawValue, "path": request.path, "error": refusal.error.description])
      }
      var response = route.manner == .json ? refusal.asJSON : refusal.asText
      if refusal.isReplayed { response.fields["Idempotency-Replayed"] = "true" }
      if let seconds = refusal.retryAfter { response.fields["Retry-After"] = String(seconds) }
      if refusal.status == 401 { response.fields["WWW-Authenticate"] = "Basic realm=\"stack-deploy\"" }
      return (route.template, response)
    }
  }

  private static func unknown(_ request: HTTPRequest) -> Refusal {
    .notFound("there is no \(request.method) \(request.path) in this API")
  }

  private static let unknownAsOriginal: HTTPResponse = {
    var response = HTTPResponse.text("404 page not found\n", status: 404)
    response.fields["X-Content-Type-Options"] = "nosniff"
    return response
  }()

  private static func methodNotAllowed(_ request: HTTPRequest, _ fitting: [Route]) -> HTTPResponse {
    let allowed = fitting.compactMap(\.method?.rawValue).joined(separator: ", ")
    var response =
      Refusal(
        405, APIError(.methodNotAllowed, "\(request.path) does not take \(request.method); it takes \(allowed)")
      ).asJSON
    response.fields["Allow"] = allowed
    return response
  }

  /// As the original's multiplexer: the path without empty and dotted steps, if it is another one.
  private static func cleanedPath(of request: HTTPRequest) -> String? {
    if isClean(request.path) { return nil }
    var steps: [Substring] = []
    for step in request.path.split(separator: "/") where step != "." {
      if step == ".." { _ = steps.popLast() } else { steps.append(step) }
    }
    var clean = "/" + steps.joined(separator: "/")
    if request.path.hasSuffix("/"), clean != "/" { clean += "/" }
    return clean == request.path ? nil : clean
  }

  /// Whether it plainly has neither empty nor dotted steps.
  private static func isClean(_ path: String) -> Bool {
    let (slash, dot) = (UInt8(ascii: "/"), UInt8(ascii: "."))
    guard path.utf8.first == slash else { return false }
    var last: UInt8 = 0
    for byte in path.utf8 {
      if last == slash, byte == slash || byte == dot { return false }
      last = byte
    }
    return true
  }

  /// As Go's server: an answer that may have a body says where the page has gone.
  private static func redirect(_ method: HTTPMethod, to path: String) -> HTTPResponse {
    guard method == .get || method == .head else { return HTTPResponse(status: 301, fields: ["Location": path]) }
    return HTTPResponse(
      status: 301, fields: ["Location": path, "Content-Type": "text/html; charset=utf-8"],
      body: .bytes(Array("<a href=\"\(path)\">Moved Permanently</a>.\n\n".utf8)))
  }
}
