package import JSON

/// The written form of an answer: `{"ok": …}` or `{"error": {"code": …, "message": …}}`.
extension HostAnswer {
  package var json: JSONObject {
    switch self {
    case .result(let value): return ["ok": value]
    case .failure(let failure):
      var error: JSONObject = [
        "code": .string(failure.code.rawValue), "message": .string(failure.message),
        "retryable": .bool(failure.retryable),
      ]
      // Where there are none, the fields are nil.
      if !failure.details.isNull { error["details"] = failure.details }
      if let cause = failure.cause { error["cause"] = .string(cause) }
      return ["error": .object(error)]
    }
  }

  /// nil for what is no answer, or has a code that this release does not know.
  package init?(json: JSON) {
    if let value = json["ok"] {
      self = .result(value)
      return
    }
    guard let error = json["error"], let code = error["code"]?.stringValue.flatMap(HostCallFailure.Code.init),
      let message = error["message"]?.stringValue
    else { return nil }
    self = .failure(
      HostCallFailure(
        code, message, retryable: error["retryable"]?.boolValue ?? false, details: error["details"] ?? .null,
        cause: error["cause"]?.stringValue))
  }
}
