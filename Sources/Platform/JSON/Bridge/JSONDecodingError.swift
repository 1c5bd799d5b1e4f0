/// A JSON value that does not have the form of the type it was decoded as.
package struct JSONDecodingError: Error, Sendable, Hashable, CustomStringConvertible {
  /// The place, e.g. `$.apps[2].id`.
  package let path: String
  /// What is wrong there, e.g. `a string is expected, not a number`.
  package let reason: String

  package init(path: String, reason: String) {
    self.path = path
    self.reason = reason
  }

  package var description: String { "\(path): \(reason)" }

  init(_ codingPath: [any CodingKey], _ reason: String) {
    self.init(path: describe(codingPath), reason: reason)
  }

  /// What a type's own `init(from:)` threw, told in our words. `codingPath` is used if the error names no place.
  init(_ error: any Error, at codingPath: [any CodingKey]) {
    switch error {
    case let error as JSONDecodingError:
      self = error
    case DecodingError.keyNotFound(let key, let context):
      self.init(context.codingPath, "the member \"\(key.stringValue)\" is missing")
    case DecodingError.typeMismatch(_, let context), DecodingError.valueNotFound(_, let context),
      DecodingError.dataCorrupted(let context):
      self.init(context.codingPath, context.debugDescription)
    default:
      self.init(codingPath, "\(error)")
    }
  }
}

/// A Swift value that JSON cannot represent.
package struct JSONEncodingError: Error, Sendable, Hashable, CustomStringConvertible {
  package let path: String
  package let reason: String

  package var description: String { "\(path): \(reason)" }

  init(_ codingPath: [any CodingKey], _ reason: String) {
    path = describe(codingPath)
    self.reason = reason
  }

  init(_ error: any Error, at codingPath: [any CodingKey]) {
    switch error {
    case let error as JSONEncodingError:
      self = error
    case EncodingError.invalidValue(_, let context):
      self.init(context.codingPath, context.debugDescription)
    default:
      self.init(codingPath, "\(error)")
    }
  }
}
