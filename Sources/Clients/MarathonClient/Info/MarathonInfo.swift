package import JSON

/// What `GET /v2/info` says.
package struct MarathonInfo: Sendable, Hashable, Decodable {
  package let name: String?
  /// E.g. `1.6.590`.
  package let version: String?
  package let frameworkId: String?
  package let elected: Bool?
  /// Host and port.
  package let leader: String?
  /// `marathon_config.master`: where Mesos is, as Marathon was told, e.g. `127.0.0.1:5050` or `zk://…`.
  package let master: String?
  /// All of the answer.
  package let json: JSON

  private struct Known: Decodable {
    var name: String?
    var version: String?
    var frameworkId: String?
    var elected: Bool?
    var leader: String?
  }

  package init(from decoder: any Decoder) throws {
    json = .object(try JSONObject(from: decoder))
    let known = try Known(from: decoder)
    name = known.name
    version = known.version
    frameworkId = known.frameworkId
    elected = known.elected
    leader = known.leader
    master = json["marathon_config"]?["master"]?.stringValue
  }
}
