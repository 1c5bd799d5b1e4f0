import Engine
import HTTPServer
import HTTPTypes
import StackAPI
import Store

/// Why a request is not served: thrown by handlers, told in the form of the API that was asked.
struct Refusal: Error, Sendable, Hashable {
  var status: Int
  var error: APIError
  /// What the original API answers in place of the sentence.
  var originalText: String?
  /// Seconds after which the same request may be served.
  var retryAfter: Int?
  /// What is told is the end of a run that an earlier request with the same `Idempotency-Key` has started.
  var isReplayed = false

  init(_ status: Int, _ error: APIError, originalText: String? = nil) {
    self.status = status
    self.error = error
    self.originalText = originalText
  }

  static func badRequest(_ message: String) -> Refusal { Refusal(400, APIError(.badRequest, message)) }
  static func notFound(_ message: String) -> Refusal { Refusal(404, APIError(.notFound, message)) }

  /// Any error that reaches the router.
  init(_ error: any Error) {
    switch error {
    case let error as Refusal: self = error
    case let error as EngineError: self.init(engine: error)
    case let error as StoreError: self.init(store: error)
    case let error as StackCatalogError: self.init(catalog: error)
    case let error as UserError: self.init(user: error)
    case let error as HTTPRequestBodyError:
      self.init(413, APIError(.tooLarge, error.description))
    case is CancellationError:
      self.init(503, APIError(.unavailable, "the request was given up"))
    default:
      self.init(500, APIError(.internalError, "\(error)"))
    }
  }

  private init(engine error: EngineError) {
    let (status, code): (Int, APIError.Code) =
      switch error.code {
      case .stackNotFound, .zoneNotFound, .runNotFound: (404, .notFound)
      case .invalid: (422, .invalid)
      case .otherRequest: (422, .keyReused)
      case .locked: (409, .locked)
      case .conflict: (409, .conflict)
      case .unavailable: (503, .unavailable)
      case .store(let code): Self.meaning(of: code)
      }
    self.init(
      status, APIError(code, error.message, details: error.problems), originalText: error.originalText)
  }

  private init(store error: StoreError) {
    let (status, code) = Self.meaning(of: error.code)
    self.init(status, APIError(code, error.description))
  }

  private init(user error: UserError) {
    switch error.code {
    case .exists: self.init(409, APIError(.conflict, error.description))
    case .notFound: self.init(404, APIError(.notFound, error.description))
    case .invalidName: self.init(400, APIError(.badRequest, error.description))
    }
  }

  private static func meaning(of code: StoreError.Code) -> (Int, APIError.Code) {
    switch code {
    case .exists, .changed: (409, .conflict)
    case .notFound: (404, .notFound)
    case .invalidPageToken, .invalidLimit: (400, .badRequest)
    case .staleEpoch, .inUse, .unavailable, .closed: (503, .unavailable)
    default: (500, .internalError)
    }
  }
}

extension Refusal {
  /// In the original's form: a sentence as text.
  var asText: HTTPResponse {
    let text = originalText ?? error.description
    var response = HTTPResponse.text(text + "\n", status: status)
    response.fields["X-Content-Type-Options"] = "nosniff"
    return response
  }

  var asJSON: HTTPResponse { .json(APIErrorBody(error: error), status: status) }
}
