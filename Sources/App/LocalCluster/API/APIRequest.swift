package import JSON

/// A request to the cluster's API, free of sockets.
package struct APIRequest: Sendable {
  package var method: String
  /// Without the query, percent-encoded as it came.
  package var path: String
  package var query: [(name: String, value: String)]
  /// The field `Accept`, if there was one.
  package var accept: String?
  package var contentType: String?
  package var body: [UInt8]
  package var clientAddress: String
  /// What `Location` and `X-Marathon-Leader` name: `127.0.0.1:8080`.
  package var authority: String

  package init(
    method: String, path: String, query: [(name: String, value: String)] = [], accept: String? = nil,
    contentType: String? = nil, body: [UInt8] = [], clientAddress: String = "127.0.0.1", authority: String
  ) {
    self.method = method
    self.path = path
    self.query = query
    self.accept = accept
    self.contentType = contentType
    self.body = body
    self.clientAddress = clientAddress
    self.authority = authority
  }

  func values(of name: String) -> [String] { query.filter { $0.name == name }.map(\.value) }

  func value(of name: String) -> String? { query.first { $0.name == name }?.value }

  /// A flag of the query. Whatever is not `true` is false, as Marathon reads it.
  func flag(_ name: String, default fallback: Bool = false) -> Bool {
    guard let value = value(of: name) else { return fallback }
    return value.lowercased() == "true"
  }

  /// Whether an answer of `type` (`application/json`) is taken.
  func accepts(_ type: String) -> Bool {
    guard let accept, !accept.isEmpty else { return true }
    let family = type.split(separator: "/").first.map(String.init) ?? ""
    return accept.split(separator: ",").contains { range in
      let name = range.split(separator: ";").first.map { $0.trimmingBlanks.lowercased() } ?? ""
      return name == type || name == "*/*" || name == "\(family)/*"
    }
  }

  /// The body as JSON. A byte order mark is skipped; an empty body and one that is no JSON are refused.
  func json() throws(ClusterFault) -> JSON {
    var bytes = body[...]
    if bytes.starts(with: [0xEF, 0xBB, 0xBF]) { bytes = bytes.dropFirst(3) }
    if bytes.allSatisfy({ $0 == 0x20 || $0 == 0x09 || $0 == 0x0A || $0 == 0x0D }) { throw ClusterFault(.empty) }
    do { return try JSON(parsing: Array(bytes)) } catch { throw ClusterFault(.unparsable(error.description)) }
  }
}

extension StringProtocol {
  var trimmingBlanks: String {
    var rest = self[...]
    while let first = rest.first, first == " " || first == "\t" { rest = rest.dropFirst() }
    while let last = rest.last, last == " " || last == "\t" { rest = rest.dropLast() }
    return String(rest)
  }
}

/// The answer to an ``APIRequest``.
package struct APIAnswer: Sendable {
  package enum Content: Sendable {
    case none
    case json(JSON)
    case text(String)
  }

  package var status: Int
  package var fields: [(name: String, value: String)] = []
  package var content: Content

  init(status: Int = 200, _ content: Content) {
    self.status = status
    self.content = content
  }

  init(_ json: JSON, status: Int = 200) { self.init(status: status, .json(json)) }

  init(_ fault: ClusterFault) { self.init(status: fault.status, .json(fault.body)) }

  /// The answer to a change, with the fields that old clients read the deployment's id from.
  init(_ receipt: ChangeReceipt) {
    self.init(status: receipt.status, .json(receipt.body))
    fields = [("Marathon-Deployment-Id", receipt.deploymentId)]
  }

  static let notRouted = APIAnswer(ClusterFault(status: 500, message: "URI not found"))
  static let wrongMethod = APIAnswer(ClusterFault(status: 405, message: "Method Not Allowed"))
  static let notAcceptable = APIAnswer(ClusterFault(status: 406, message: "Not Acceptable"))
  static let unsupportedMediaType = APIAnswer(ClusterFault(status: 415, message: "Unsupported Media Type"))
}
