import HTTPTypes

@testable import HTTPServer
@testable import LocalCluster

extension FuzzTarget {
  /// The header fields of a request, one a line: what two servers could read differently is refused.
  static let requestFields = FuzzTarget(
    name: "request-fields", summary: "header fields of a request; credentials", longestInput: 1_024
  ) { bytes in
    var fields = HTTPFields()
    for line in lines(bytes) {
      guard let colon = line.firstIndex(of: ":") else { continue }
      fields.append(String(line[..<colon]), String(line[line.index(after: colon)...].drop { $0 == " " }))
    }
    guard let target = RequestTarget("http://h/") else { return }
    let check = RequestCheck(method: "POST", target: target, version: "HTTP/1.1", fields: fields, bodyLimit: 1_000)
    switch check {
    case .accepted(let bodySize):
      let lengths = fields.all("content-length")
      let codings = fields.all("transfer-encoding")
      try require(lengths.count + codings.count <= 1, "accepted with two ways to tell where the body ends")
      try require((bodySize > 0) == !(lengths.first.map { Int($0) == 0 } ?? codings.isEmpty), "a body, or none?")
      try require(fields.all("host").allSatisfy { ["h", "H", "h:80", "H:80"].contains($0) }, "another host")
      try require(
        fields.allSatisfy { HTTPFields.isValidName($0.name) && HTTPFields.isValidValue($0.value) }, "an invalid field")
    case .refused(let status, let reason):
      try require([400, 413].contains(status) && !reason.isEmpty, "refused with \(status) \(reason)")
    }
    if let value = fields["Authorization"], let credential = BasicAuthorization(fieldValue: value) {
      try require(!credential.user.contains(":"), "a user with a colon")
      try require(
        BasicAuthorization(fieldValue: credential.fieldValue) == credential, "the credential does not come back")
      try require(!credential.description.contains(credential.password) || credential.password.count < 12, "shown")
    }
    let watch = RequestGuard(credential: BasicAuthorization(user: "a", password: "b"), host: "127.0.0.1", port: 8_080)
    if watch.refusal(of: fields) == nil {
      try require(
        BasicAuthorization(fieldValue: fields["Authorization"] ?? "")?.password == "b", "let in without the key")
    }
    _ = APIRequest(method: "GET", path: "/", accept: fields["Accept"], authority: "").accepts("application/json")
  }
}
