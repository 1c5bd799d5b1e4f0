import HTTPServer
package import HTTPTypes
import Store

/// Who may call a route.
package enum Access: String, Sendable, Hashable, CaseIterable {
  /// Anybody, without a key.
  case open
  /// Any user with their key.
  case regular
  case admin

  func admits(_ role: UserRole) -> Bool {
    switch self {
    case .open, .regular: true
    case .admin: role == .admin
    }
  }
}

/// What the table says of a route, for those who document or check it.
package struct RouteRule: Sendable, Hashable {
  /// Nil: any.
  package var method: HTTPMethod?
  package var template: String
  package var access: Access

  package init(method: HTTPMethod?, template: String, access: Access) {
    self.method = method
    self.template = template
    self.access = access
  }
}

/// In which form errors are told.
enum Manner: Sendable, Hashable {
  /// As the original: text/plain.
  case original
  case json
}

/// What a handler gets.
struct Call: Sendable {
  var request: HTTPRequest
  /// Nil on open routes.
  var caller: Caller?
  /// The values in place of the braces of the route's template.
  var parameters: [String: String]

  func parameter(_ name: String) -> String { parameters[name] ?? "" }
}

/// One row of the table of routes.
struct Route: Sendable {
  typealias Handler = @Sendable (Call) async throws -> HTTPResponse
  /// Gives a successful answer that is at hand, else nil: then the handler is called. See `HTTPServer.ImmediateHandler`.
  typealias ImmediateHandler = @Sendable (Call, _ body: [UInt8]) -> HTTPResponse?

  /// Nil: any, as in the original.
  let method: HTTPMethod?
  /// `/api/v1/runs/{run}`; `{path...}` at the end is all that is left, with its slashes. Also the route's name in metrics.
  let template: String
  let access: Access
  let manner: Manner
  let immediate: ImmediateHandler?
  let handler: Handler
  private let pattern: [Part]

  private enum Part: Sendable {
    case text(String)
    case value(name: String)
    /// At least one segment.
    case rest(name: String)
  }

  init(
    _ method: HTTPMethod?, _ template: String, _ access: Access, _ manner: Manner,
    immediate: ImmediateHandler? = nil, _ handler: @escaping Handler
  ) {
    self.method = method
    self.template = template
    self.access = access
    self.manner = manner
    self.immediate = immediate
    self.handler = handler
    pattern = template.split(separator: "/").map { part in
      if part.hasSuffix("...}") { return .rest(name: String(part.dropFirst().dropLast(4))) }
      return part.hasPrefix("{") ? .value(name: String(part.dropFirst().dropLast())) : .text(String(part))
    }
  }

  private var takesRest: Bool {
    if case .rest? = pattern.last { true } else { false }
  }

  /// HEAD is answered wherever GET is (RFC 9110, 9.3.2).
  func takes(_ method: HTTPMethod) -> Bool {
    self.method == nil || self.method == method || (self.method == .get && method == .head)
  }

  /// The values of the braces if the path fits.
  func match(_ segments: [String]) -> [String: String]? {
    guard pattern.count == segments.count || (takesRest && pattern.count < segments.count) else { return nil }
    var parameters: [String: String] = [:]
    for (part, segment) in zip(pattern, segments) {
      switch part {
      case .text(let text): guard text == segment else { return nil }
      case .value(let name): parameters[name] = segment
      case .rest(let name): parameters[name] = segments.dropFirst(pattern.count - 1).joined(separator: "/")
      }
    }
    return parameters
  }
}
