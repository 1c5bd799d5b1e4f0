import Engine
package import HTTPClient
package import HTTPTypes
import JSON
import StackModel

/// The master of Mesos, asked for its agents: what `instances: all` and constraints count.
package struct MesosMaster: Sendable {
  private let http: HTTPClient
  /// `host:port`, or an URL.
  private let address: String
  private let authorization: BasicAuthorization?

  private static let answerLimit = 64 << 20
  private static let timeout = Duration.seconds(30)

  package init(http: HTTPClient, address: String, authorization: BasicAuthorization? = nil) {
    self.http = http
    self.address = address.contains("://") ? address : "http://\(address)"
    self.authorization = authorization
  }

  func agents() async throws(ClusterError) -> ClusterSnapshot {
    let url = "\(address)/master/state.json"
    let bytes: [UInt8]
    do {
      let response = try await http.send(
        HTTPClientRequest(.get, url: url, timeout: Self.timeout, basicAuthorization: authorization))
      bytes = try await response.collect(upTo: Self.answerLimit)
      guard response.status == 200 else {
        throw ClusterError(.unavailable, "the Mesos master answers \(response.status) to GET \(url)")
      }
    } catch let error as ClusterError {
      throw error
    } catch {
      throw ClusterError(.unavailable, "the Mesos master cannot be asked for its agents: \(error)")
    }
    do {
      return try ClusterSnapshot(masterState: try JSON(parsing: bytes))
    } catch {
      throw ClusterError(.unintelligible, "the Mesos master's answer to GET \(url) makes no sense: \(error)")
    }
  }
}

extension ClusterSnapshot {
  fileprivate init(masterState: JSON) throws {
    struct State: Decodable {
      struct Slave: Decodable {
        var hostname: String
        var attributes: JSONObject?
        var active: Bool?
      }
      var slaves: [Slave]
      var activated_slaves: Int?
    }
    let state = try masterState.decode(State.self)
    let active = state.slaves.filter { $0.active != false }
    self.init(
      agents: active.map { slave in
        let texts = (slave.attributes ?? [:]).compactMap { name, value in value.stringValue.map { (name, $0) } }
        return Agent(hostname: slave.hostname, attributes: Dictionary(texts) { $1 })
      },
      activatedCount: state.activated_slaves ?? active.count)
  }
}
