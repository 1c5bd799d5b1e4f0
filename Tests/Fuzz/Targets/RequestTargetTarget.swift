import HTTPTypes
import JSON

@testable import HTTPServer
@testable import LocalCluster

extension FuzzTarget {
  /// What stands behind the method of a request: path and query, as the server, and then the cluster reads them.
  static let requestTarget = FuzzTarget(
    name: "request-target", summary: "path and query of a request; label selectors", longestInput: 1_024
  ) { bytes in
    let text = String(decoding: bytes, as: UTF8.self)
    try require(PercentCoding.decode(PercentCoding.encode(text)) == text, "percent coding loses something")
    if let target = RequestTarget(text) {
      try require(
        target.path.utf8.first == UInt8(ascii: "/") || target.path == "*", "the path \(target.path) is not absolute")
      try require(
        target.segments.allSatisfy { !$0.isEmpty && !$0.utf8.contains(0) }, "an empty segment, or one with NUL")
      let query = QueryItems(parsing: target.query.text)
      try require(query == target.query, "the query does not come back: \(query.text)")
      if let route = APIRoute(path: target.path) { try require(!route.methods.isEmpty, "a route without methods") }
      let request = APIRequest(method: "GET", path: target.path, query: Array(target.query), authority: "localhost")
      _ = request.flag("force")
      if let label = request.value(of: "label"), let selector = try? LabelSelector(label) {
        _ = selector.matches(["stack": "web", "zone": ""])
      }
    }
    _ = try? LabelSelector(text).matches(["a": "b"])
    let path = AppPath.normalized(text)
    try requireSame(AppPath.normalized(path), path, "the normal form has another one")
  }
}
