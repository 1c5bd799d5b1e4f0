package import StackModel

/// The body of every answer that is not a success: `{"error": {…}}`.
package struct APIErrorBody: Sendable, Hashable, Codable {
  package var error: APIError

  package init(error: APIError) {
    self.error = error
  }
}

/// Why a call failed.
package struct APIError: Error, Sendable, Hashable, Codable, CustomStringConvertible {
  /// For programs; the same as `APIError.Code` has, or a newer one.
  package var code: Code
  /// A sentence for people.
  package var message: String
  /// One sentence each, where there are several reasons.
  package var details: [String]
  /// Places in the source that was sent.
  package var diagnostics: [APIDiagnostic]

  package struct Code: RawRepresentable, Sendable, Hashable, Codable {
    package let rawValue: String

    package init(rawValue: String) {
      self.rawValue = rawValue
    }

    /// The request makes no sense: a broken body, a wrong parameter.
    package static let badRequest = Code(rawValue: "bad_request")
    /// Too many wrong keys came from this address; `Retry-After` says when the next one is looked at.
    package static let tooManyRequests = Code(rawValue: "too_many_requests")
    package static let unauthorized = Code(rawValue: "unauthorized")
    /// Known, but not allowed to; or a page of another site asks.
    package static let forbidden = Code(rawValue: "forbidden")
    package static let notFound = Code(rawValue: "not_found")
    package static let methodNotAllowed = Code(rawValue: "method_not_allowed")
    /// A name is taken, a run is not in the state for this, stacks depend on the one to be removed.
    package static let conflict = Code(rawValue: "conflict")
    /// Another run holds the stack and zone.
    package static let locked = Code(rawValue: "locked")
    package static let tooLarge = Code(rawValue: "too_large")
    /// The stack is wrong: see `diagnostics` and `details`.
    package static let invalid = Code(rawValue: "invalid")
    /// The `Idempotency-Key` was used for another request.
    package static let keyReused = Code(rawValue: "key_reused")
    /// `If-Match` names another revision than the stored one.
    package static let preconditionFailed = Code(rawValue: "precondition_failed")
    package static let internalError = Code(rawValue: "internal_error")
    /// The server stops, or cannot use its store.
    package static let unavailable = Code(rawValue: "unavailable")
  }

  package init(_ code: Code, _ message: String, details: [String] = [], diagnostics: [APIDiagnostic] = []) {
    self.code = code
    self.message = message
    self.details = details
    self.diagnostics = diagnostics
  }

  package init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    code = try container.decode(Code.self, forKey: .code)
    message = try container.decode(String.self, forKey: .message)
    details = try container.decodeIfPresent([String].self, forKey: .details) ?? []
    diagnostics = try container.decodeIfPresent([APIDiagnostic].self, forKey: .diagnostics) ?? []
  }

  private enum CodingKeys: CodingKey {
    case code, message, details, diagnostics
  }

  package var description: String {
    ([message] + details + diagnostics.map(\.description)).joined(separator: "\n")
  }
}

/// A mistake in a stack's source, and where.
package struct APIDiagnostic: Sendable, Hashable, Codable, CustomStringConvertible {
  /// `error` or `warning`.
  package var severity: String
  /// What kind of mistake it is, e.g. `unknown-field`.
  package var code: String
  /// As the author named it; empty where the source came without a name.
  package var file: String
  /// Both from 1.
  package var line: Int
  package var column: Int
  package var message: String
  /// What to do about it.
  package var hint: String?

  package init(_ diagnostic: Diagnostic) {
    severity = diagnostic.severity.rawValue
    code = diagnostic.code.rawValue
    file = diagnostic.file
    line = diagnostic.line
    column = diagnostic.column
    message = diagnostic.message
    hint = diagnostic.hint
  }

  /// `app.yaml:3:12: error: … (did you mean "cpu"?)`
  package var description: String {
    let place = (file.isEmpty ? "" : "\(file):") + "\(line):\(column)"
    return "\(place): \(severity): \(message)" + (hint.map { " (\($0))" } ?? "")
  }
}
