import HTTPTypes

/// What is decided about a request from its head alone.
enum RequestCheck: Hashable {
  /// With a body of this size; `.max` where it comes in chunks, without being announced.
  case accepted(bodySize: Int)
  /// To be answered with this status and sentence, and the connection closed.
  case refused(status: Int, reason: String)

  /// Refuses whatever two servers in a row could understand differently (request smuggling, RFC 9112, 6.3 and 11.2), and
  /// bodies that are announced larger than allowed.
  init(method: String, target: RequestTarget, version: String, fields: HTTPFields, bodyLimit: Int) {
    if let reason = Self.objection(method: method, target: target, version: version, fields: fields) {
      self = .refused(status: 400, reason: reason)
    } else if fields["Transfer-Encoding"] != nil {
      self = .accepted(bodySize: .max)
    } else if let text = fields["Content-Length"] {
      let length = Int(text) ?? .max
      self =
        length <= bodyLimit
        ? .accepted(bodySize: length)
        : .refused(status: 413, reason: HTTPRequestBodyError.tooLarge(limit: bodyLimit).description)
    } else {
      self = .accepted(bodySize: 0)
    }
  }

  private static func objection(
    method: String, target: RequestTarget, version: String, fields: HTTPFields
  ) -> String? {
    if !HTTPFields.isValidName(method) { return "the method has characters that no method may have" }
    for (name, value) in fields {
      if !HTTPFields.isValidName(name) { return "a header field's name has characters that no name may have" }
      if !HTTPFields.isValidValue(value) { return "the header field \(name) has a control character in its value" }
    }
    return framingObjection(version: version, fields) ?? hostObjection(target, fields.all("Host"))
  }

  private static func framingObjection(version: String, _ fields: HTTPFields) -> String? {
    let lengths = fields.all("Content-Length")
    let codings = fields.all("Transfer-Encoding")
    if lengths.count > 1 { return "the request has more than one Content-Length" }
    if codings.count > 1 { return "the request has more than one Transfer-Encoding" }
    if !lengths.isEmpty, !codings.isEmpty { return "the request has both Content-Length and Transfer-Encoding" }
    if let coding = codings.first {
      // A server of HTTP/1.0 in between would not have understood it (RFC 9112, 6.1).
      if version != "HTTP/1.1" { return "a request of \(version) cannot have a Transfer-Encoding" }
      if coding.lowercased() != "chunked" { return "the only Transfer-Encoding that this server takes is chunked" }
    }
    if let length = lengths.first, length.isEmpty || !length.utf8.allSatisfy(isDigit) {
      return "the Content-Length is not a number"
    }
    return nil
  }

  private static func hostObjection(_ target: RequestTarget, _ hosts: [String]) -> String? {
    if hosts.count > 1 { return "the request has more than one Host" }
    guard let host = hosts.first else { return nil }
    if !host.utf8.allSatisfy(isOfHost) { return "the Host has characters that no host may have" }
    // What stands in the target counts (RFC 9112, 3.2.2), but who only reads the field is told something else.
    if let authority = target.authority, normal(authority) != normal(host) {
      return "the request names one host in its target and another one as its Host"
    }
    return nil
  }

  private static func normal(_ authority: String) -> Substring {
    let authority = authority.lowercased()
    return authority.hasSuffix(":80") ? authority.dropLast(3) : authority[...]
  }

  private static func isDigit(_ byte: UInt8) -> Bool { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) }

  /// Of a name, an address or a port (RFC 3986, 3.2.2), without what only makes sense in other places.
  private static func isOfHost(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"): true
    case UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_"), UInt8(ascii: "~"), UInt8(ascii: ":"): true
    case UInt8(ascii: "["), UInt8(ascii: "]"), UInt8(ascii: "%"): true
    default: isDigit(byte)
    }
  }
}
