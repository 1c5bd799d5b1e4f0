/// What is known about status codes. A status itself is an `Int`, as unknown ones are to be expected.
package enum HTTPStatus {
  /// The phrase of RFC 9110 for a code, e.g. `Not Found`; for unknown codes that of their class.
  package static func reasonPhrase(_ status: Int) -> String {
    if let phrase = phrases[status] { return phrase }
    return switch status / 100 {
    case 1: "Informational"
    case 2: "Success"
    case 3: "Redirection"
    case 4: "Client Error"
    case 5: "Server Error"
    default: "Unknown Status"
    }
  }

  package static func isSuccess(_ status: Int) -> Bool { (200..<300).contains(status) }

  private static let phrases: [Int: String] = [
    100: "Continue", 101: "Switching Protocols",
    200: "OK", 201: "Created", 202: "Accepted", 203: "Non-Authoritative Information", 204: "No Content",
    205: "Reset Content", 206: "Partial Content",
    300: "Multiple Choices", 301: "Moved Permanently", 302: "Found", 303: "See Other", 304: "Not Modified",
    307: "Temporary Redirect", 308: "Permanent Redirect",
    400: "Bad Request", 401: "Unauthorized", 402: "Payment Required", 403: "Forbidden", 404: "Not Found",
    405: "Method Not Allowed", 406: "Not Acceptable", 407: "Proxy Authentication Required", 408: "Request Timeout",
    409: "Conflict", 410: "Gone", 411: "Length Required", 412: "Precondition Failed", 413: "Content Too Large",
    414: "URI Too Long", 415: "Unsupported Media Type", 416: "Range Not Satisfiable", 417: "Expectation Failed",
    421: "Misdirected Request", 422: "Unprocessable Content", 426: "Upgrade Required", 428: "Precondition Required",
    429: "Too Many Requests", 431: "Request Header Fields Too Large",
    500: "Internal Server Error", 501: "Not Implemented", 502: "Bad Gateway", 503: "Service Unavailable",
    504: "Gateway Timeout", 505: "HTTP Version Not Supported", 507: "Insufficient Storage",
  ]
}
