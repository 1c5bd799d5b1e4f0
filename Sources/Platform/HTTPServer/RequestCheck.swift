import HTTPTypes

/// What is decided about a request from its head alone.
enum RequestCheck: Hashable {
  case accepted(hasBody: Bool)
  /// To be answered with this status and sentence, and the connection closed.
  case refused(status: Int, reason: String)

  /// Refuses whatever two servers in a row could understand differently (request smuggling, RFC 9112, 6.3 and 11.2), and
  /// bodies that are announced larger than allowed.
  init(fields: HTTPFields, bodyLimit: Int) {
    for (name, value) in fields {
      guard HTTPFields.isValidName(name) else {
        self = .refused(status: 400, reason: "a header field's name has characters that no name may have")
        return
      }
      guard HTTPFields.isValidValue(value) else {
        self = .refused(status: 400, reason: "the header field \(name) has a control character in its value")
        return
      }
    }
    let lengths = fields.all("Content-Length")
    let codings = fields.all("Transfer-Encoding")
    if lengths.count > 1 {
      self = .refused(status: 400, reason: "the request has more than one Content-Length")
    } else if codings.count > 1 {
      self = .refused(status: 400, reason: "the request has more than one Transfer-Encoding")
    } else if !lengths.isEmpty, !codings.isEmpty {
      self = .refused(status: 400, reason: "the request has both Content-Length and Transfer-Encoding")
    } else if fields.all("Host").count > 1 {
      self = .refused(status: 400, reason: "the request has more than one Host")
    } else if let coding = codings.first {
      self =
        coding.lowercased() == "chunked"
        ? .accepted(hasBody: true)
        : .refused(status: 400, reason: "the only Transfer-Encoding that this server takes is chunked")
    } else if let text = lengths.first {
      guard !text.isEmpty, text.utf8.allSatisfy({ (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }) else {
        self = .refused(status: 400, reason: "the Content-Length is not a number")
        return
      }
      let length = Int(text) ?? .max
      self =
        length <= bodyLimit
        ? .accepted(hasBody: length > 0)
        : .refused(status: 413, reason: HTTPRequestBodyError.tooLarge(limit: bodyLimit).description)
    } else {
      self = .accepted(hasBody: false)
    }
  }
}
