import HTTPTypes

/// Refuses what would let a value of the request become a second header or a second request.
extension HTTPClientRequest {
  func check() throws(HTTPClientError) {
    guard HTTPFields.isValidName(method.rawValue) else {
      throw HTTPClientError(.invalidRequest, "a method is one word of letters, not what was given")
    }
    try checkURL()
    for (name, value) in fields {
      guard HTTPFields.isValidName(name) else {
        throw HTTPClientError(.invalidRequest, "\(self.name): a header's name holds characters that HTTP forbids there")
      }
      guard !value.utf8.contains(where: { $0 == 13 || $0 == 10 || $0 == 0 }) else {
        throw HTTPClientError(
          .invalidRequest, "\(self.name): the value of the header \(name) holds a line end or a NUL")
      }
      guard !["content-length", "transfer-encoding", "expect"].contains(name.lowercased()) else {
        throw HTTPClientError(.invalidRequest, "\(self.name): the header \(name) is set by the client itself")
      }
    }
    guard body == nil || upload == nil else {
      throw HTTPClientError(.invalidRequest, "\(self.name): a request has either a body or an upload")
    }
    if let credentials = basicAuthorization {
      guard !credentials.user.utf8.contains(where: { $0 == 58 || $0 == 0 }), !credentials.password.utf8.contains(0)
      else {
        throw HTTPClientError(
          .invalidRequest, "\(self.name): a user name for basic authorization holds neither ':' nor NUL")
      }
    }
  }

  private func checkURL() throws(HTTPClientError) {
    // The text is not shown where it could hold a line end.
    guard url.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F }) else {
      throw HTTPClientError(
        .invalidURL, "a URL holds spaces, control characters or non-ASCII characters; percent-encode them")
    }
    let lower = String(decoding: url.utf8.prefix(8), as: UTF8.self).lowercased()
    guard lower.hasPrefix("http://") || lower.hasPrefix("https://") else {
      throw HTTPClientError(.invalidURL, "\(name): a URL starts with http:// or https://")
    }
    let ends = "/?#".utf8
    let authority = url.utf8.drop { $0 != UInt8(ascii: ":") }.dropFirst(3).prefix { !ends.contains($0) }
    guard !authority.isEmpty else { throw HTTPClientError(.invalidURL, "\(name): the URL names no host") }
    guard !authority.contains(UInt8(ascii: "@")) else {
      throw HTTPClientError(.invalidURL, "\(name): credentials do not belong into a URL")
    }
  }
}
