import JSON

extension MarathonError {
  /// The error that an answer with a status of 300 or more means.
  init(answer: MarathonAnswer) {
    guard let body = ErrorBody(answer.body) else {
      self.init(notJSON: answer)
      return
    }
    self.init(
      Code(status: answer.status, body), request: answer.request, status: answer.status, message: body.message,
      details: body.details, lockingDeployments: body.deployments,
      // A gateway's timeout says nothing about what Marathon has done.
      mayHaveHappened: answer.status >= 500, originalText: body.originalText(answer.status))
  }

  private init(notJSON answer: MarathonAnswer) {
    let code: Code =
      switch answer.status {
      case 401: .unauthorized
      case 403: .forbidden
      case 429, 502, 503, 504: .unavailable
      case 500...: .server
      case 300..<400: .refused
      default: .notJSON
      }
    self.init(
      code, request: answer.request, status: answer.status, message: answer.excerpt,
      mayHaveHappened: answer.status >= 500, originalText: "<nil>")
  }

  /// A status of success, but a body that is not JSON.
  init(_ error: JSONParseError, in answer: MarathonAnswer) {
    self.init(
      .notJSON, request: answer.request, status: answer.status, message: "\(answer.excerpt); \(error)",
      mayHaveHappened: true, originalText: "invalid response from Marathon")
  }

  /// A status of success, but a body of another shape.
  init(_ error: JSONDecodingError, in answer: MarathonAnswer) {
    self.init(
      .unexpectedAnswer, request: answer.request, status: answer.status,
      message: "the answer is not what Marathon gives here: \(error)", mayHaveHappened: true,
      originalText: "invalid response from Marathon")
  }
}

extension MarathonError.Code {
  fileprivate init(status: Int, _ body: ErrorBody) {
    self =
      switch status {
      case 400: .badRequest
      case 401: .unauthorized
      case 403: .forbidden
      case 404: .notFound
      case 409 where !body.deployments.isEmpty: .locked
      case 409 where body.message.contains(" already "): .exists
      case 409: .conflict
      case 422: .invalid
      case 429, 502, 503, 504: .unavailable
      case 500...: .server
      default: .refused
      }
  }
}

/// The JSON body of an error, in the forms that it has had: `details` as a list (with `path` or `attribute`) or as one
/// text, `errors` in their place before Marathon 0.15.
private struct ErrorBody {
  var message: String
  var details: [MarathonError.Detail] = []
  var deployments: [String] = []

  init?(_ bytes: [UInt8]) {
    guard let json = try? JSON(parsing: bytes), let message = json["message"]?.stringValue else { return nil }
    self.message = message
    for source in [json["details"], json["errors"]] {
      if let text = source?.stringValue { details.append(MarathonError.Detail(path: "", errors: [text])) }
      details += (source?.arrayValue ?? []).map { entry in
        let errors = (entry["errors"]?.arrayValue ?? []).compactMap(\.stringValue)
        return MarathonError.Detail(
          path: entry["path"]?.stringValue ?? entry["attribute"]?.stringValue ?? "",
          errors: entry["error"]?.stringValue.map { [$0] } ?? errors)
      }
    }
    deployments = (json["deployments"]?.arrayValue ?? []).compactMap { $0["id"]?.stringValue ?? $0.stringValue }
  }

  func originalText(_ status: Int) -> String {
    let text =
      switch status {
      case 400 where !details.isEmpty: "\(message) (\(joined { "path: '\($0)' errors: \($1)" }))"
      case 409 where !deployments.isEmpty:
        "\(message) (locking deployment IDs: \(deployments.joined(separator: ", ")))"
      case 422 where !details.isEmpty: "\(message) (\(joined { "attribute '\($0)': \($1)" }))"
      case 400, 401, 404, 409, 422, 500...: message
      default: "unknown error"
      }
    return "Marathon API error: \(text)"
  }

  private func joined(_ form: (_ path: String, _ errors: String) -> String) -> String {
    details.map { form($0.path, $0.errors.joined(separator: ", ")) }.joined(separator: "; ")
  }
}
