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

  /// Nil: any, as in the original.
  var method: HTTPMethod?
  /// `/api/v1/runs/{run}`. Also the route's name in metrics.
  var template: String
  var access: Access
  var manner: Manner
  var handler: Handler

  init(
    _ method: HTTPMethod?, _ template: String, _ access: Access, _ manner: Manner, _ handler: @escaping Handler
  ) {
    self.method = method
    self.template = template
    self.access = access
    self.manner = manner
    self.handler = handler
  }

  /// HEAD is answered wherever GET is (RFC 9110, 9.3.2).
  func takes(_ method: HTTPMethod) -> Bool {
    self.method == nil || self.method == method || (self.method == .get && method == .head)
  }

  /// The values of the braces if the path fits.
  func match(_ segments: [String]) -> [String: String]? {
    let pattern = template.split(separator: "/")
    guard pattern.count == segments.count else { return nil }
    var parameters: [String: String] = [:]
    for (part, segment) in zip(pattern, segments) {
      if part.hasPrefix("{") {
        parameters[String(part.dropFirst().dropLast())] = segment
      } else if part != segment {
        return nil
      }
    }
    return parameters
  }
}
