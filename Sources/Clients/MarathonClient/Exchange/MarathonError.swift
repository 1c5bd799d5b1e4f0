/// Why a call of Marathon did not do what it should. Its description is a sentence with request, status, Marathon's
/// message and details; credentials and queries are never in it.
package struct MarathonError: Error, Sendable, Hashable, CustomStringConvertible {
  /// The kinds of failure. Extensible: compare with the constants, have a default.
  package struct Code: Sendable, Hashable, CustomStringConvertible {
    private enum Kind: String {
      case badRequest, unauthorized, forbidden, notFound, exists, locked, conflict, invalid, refused, server,
        unavailable
      case notJSON, unexpectedAnswer, transport, cancelled, invalidEndpoint
    }
    private let kind: Kind

    private init(_ kind: Kind) { self.kind = kind }

    /// 400: the request is not understood.
    package static let badRequest = Code(.badRequest)
    /// 401: other credentials are needed.
    package static let unauthorized = Code(.unauthorized)
    /// 403: these credentials may not do this.
    package static let forbidden = Code(.forbidden)
    /// 404 with Marathon's own message: the application, task, deployment or version does not exist.
    package static let notFound = Code(.notFound)
    /// 409: an application of this id exists.
    package static let exists = Code(.exists)
    /// 409: deployments hold the application; ``MarathonError/lockingDeployments``.
    package static let locked = Code(.locked)
    /// 409 for another reason.
    package static let conflict = Code(.conflict)
    /// 422: the definition is refused; ``MarathonError/details``.
    package static let invalid = Code(.invalid)
    /// Another status between 300 and 499.
    package static let refused = Code(.refused)
    /// 500 and others, also the answer to a path that is not routed.
    package static let server = Code(.server)
    /// 429, 502, 503, 504: not now.
    package static let unavailable = Code(.unavailable)
    /// The body is no JSON where JSON was due: HTML, half a JSON, nothing.
    package static let notJSON = Code(.notJSON)
    /// JSON, but not of the shape that Marathon gives.
    package static let unexpectedAnswer = Code(.unexpectedAnswer)
    /// No complete answer came; ``MarathonError/mayHaveHappened``.
    package static let transport = Code(.transport)
    package static let cancelled = Code(.cancelled)
    /// The address of Marathon is wrong.
    package static let invalidEndpoint = Code(.invalidEndpoint)

    package var description: String { kind.rawValue }
  }

  /// One thing that Marathon finds wrong.
  package struct Detail: Sendable, Hashable {
    /// Where, e.g. `/portDefinitions(0)/port`; in the oldest versions an attribute's name; may be empty.
    package var path: String
    package var errors: [String]
  }

  package let code: Code
  /// Of the answer; `nil` when none came.
  package let status: Int?
  /// Marathon's own message, or what is wrong with its answer.
  package let message: String
  package let details: [Detail]
  /// Ids of the deployments that hold the application.
  package let lockingDeployments: [String]
  /// Method and URL.
  package let request: String
  /// False when it is certain that Marathon has not performed the request.
  package let mayHaveHappened: Bool
  /// The text that the original server gave for this failure.
  package let originalText: String

  init(
    _ code: Code, request: String, status: Int? = nil, message: String, details: [Detail] = [],
    lockingDeployments: [String] = [], mayHaveHappened: Bool = false, originalText: String? = nil
  ) {
    self.code = code
    self.request = request
    self.status = status
    self.message = message
    self.details = details
    self.lockingDeployments = lockingDeployments
    self.mayHaveHappened = mayHaveHappened
    self.originalText = originalText ?? message
  }

  /// Whether the same request may succeed later without anybody mending it. A change that ``mayHaveHappened`` is to be
  /// looked up first.
  package var isRetryable: Bool { [.unavailable, .transport].contains(code) }

  package var description: String {
    var text = "\(request): \(sentence)"
    if let status { text += " (status \(status))" }
    let details = details.map { ($0.path.isEmpty ? "" : "\($0.path): ") + $0.errors.joined(separator: ", ") }
    if !details.isEmpty { text += ": " + details.joined(separator: "; ") }
    if !lockingDeployments.isEmpty { text += "; deployments: " + lockingDeployments.joined(separator: ", ") }
    return text
  }

  private var sentence: String {
    switch code {
    case .unauthorized: "Marathon asks for other credentials: \(message)"
    case .unavailable: "Marathon is not available at the moment: \(message)"
    default: message
    }
  }
}
