/// Every call of the JSON API: its method and path. The version is part of the path.
package enum APIRoute: String, Sendable, Hashable, CaseIterable {
  case info = "GET /api/v1"

  case listStacks = "GET /api/v1/stacks"
  case addStack = "POST /api/v1/stacks"
  case showStack = "GET /api/v1/stacks/{stack}"
  case removeStack = "DELETE /api/v1/stacks/{stack}"
  case listStackFiles = "GET /api/v1/stacks/{stack}/files"
  case showStackFile = "GET /api/v1/stacks/{stack}/files/{path...}"
  case downStack = "POST /api/v1/stacks/{stack}/down"

  case listRuns = "GET /api/v1/runs"
  case startRun = "POST /api/v1/runs"
  case showRun = "GET /api/v1/runs/{run}"
  case runEvents = "GET /api/v1/runs/{run}/events"
  case runLogs = "GET /api/v1/runs/{run}/logs"
  case followLogs = "POST /api/v1/runs/{run}/logs"
  case cancelRun = "POST /api/v1/runs/{run}/cancel"
  case resumeRun = "POST /api/v1/runs/{run}/resume"
  case approveRun = "POST /api/v1/runs/{run}/approve"

  case listUsers = "GET /api/v1/users"
  case addUser = "POST /api/v1/users"
  case renewKey = "POST /api/v1/users/{user}/key"

  /// Where the version that this file describes begins.
  package static let root = "/api/v1"

  package var method: String { String(rawValue.prefix { $0 != " " }) }

  /// With names in braces for what differs: `/api/v1/runs/{run}`. One with dots stands for all that is left of a path.
  package var template: String { String(rawValue.drop { $0 != " " }.dropFirst()) }

  /// The path with the values in place of the braces, percent-encoded; the slashes of a value for braces with dots stay.
  /// - Precondition: one value for each pair of braces.
  package func path(_ values: String...) -> String { path(values) }

  package func path(_ values: [String]) -> String {
    var values = values[...]
    let segments = template.split(separator: "/").map { segment in
      guard segment.hasPrefix("{") else { return String(segment) }
      guard let value = values.popFirst() else { preconditionFailure("\(self) needs a value for \(segment)") }
      guard segment.hasSuffix("...}") else { return percentEncoded(value) }
      // By bytes: before a combining mark, a slash is no `Character` of its own.
      let parts = value.utf8.split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false)
      return parts.map { percentEncoded(String(decoding: $0, as: UTF8.self)) }.joined(separator: "/")
    }
    precondition(values.isEmpty, "\(self) has no place for \(values)")
    return "/" + segments.joined(separator: "/")
  }
}

/// As RFC 3986 asks for one segment of a path: all but unreserved characters. `.` and `..` are encoded whole, as
/// clients would take them for steps.
private func percentEncoded(_ text: String) -> String {
  let digits = Array("0123456789ABCDEF".utf8)
  let isDots = text == "." || text == ".."
  var encoded: [UInt8] = []
  for byte in text.utf8 {
    switch byte {
    case UInt8(ascii: "."): encoded += isDots ? Array("%2E".utf8) : [byte]
    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
      UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "_"), UInt8(ascii: "~"):
      encoded.append(byte)
    default: encoded += [UInt8(ascii: "%"), digits[Int(byte >> 4)], digits[Int(byte & 15)]]
    }
  }
  return String(decoding: encoded, as: UTF8.self)
}
