import Concurrency
import Glibc
import HTTPClient
package import HTTPTypes

/// How a running cluster is reached.
package struct ClusterEndpoint: Sendable {
  /// Held by a server as long as it needs the cluster; the cluster ends some time after the last holder has gone, however that ended.
  package final class Lease: Sendable {
    private let lock: FolderLock
    init(_ lock: FolderLock) { self.lock = lock }
  }

  let record: ClusterRecord
  /// `nil` where the cluster asks for none.
  package let credential: BasicAuthorization?
  package let lease: Lease?

  /// `http://127.0.0.1:<port>`: Marathon's API, and `/master/state.json`.
  package var url: String { record.url }
  package var pid: Int32 { record.pid }

  /// Ends the cluster and its tasks, and waits until it is gone; definitions stay.
  ///
  /// - Throws: `ClusterError` if it has not ended within `limit`.
  package func stop(within limit: Duration = .seconds(30)) async throws {
    let time = SteadyTime()
    let deadline = time.now() + limit
    // The process of that number may be another one by now.
    if record.isAlive { kill(record.pid, SIGTERM) }
    while record.isAlive {
      guard time.now() < deadline else {
        throw ClusterError(
          .doesNotAnswer,
          "the cluster (process \(record.pid)) was asked to end and has not within \(limit): look at its log, or end it by hand"
        )
      }
      try await time.sleep(for: .milliseconds(20))
    }
  }

  /// Whether the cluster answers.
  func answers(_ client: HTTPClient) async -> Bool {
    guard record.isAlive else { return false }
    do {
      let response = try await client.send(
        HTTPClientRequest(.get, url: "\(url)/ping", timeout: .seconds(2), basicAuthorization: credential))
      _ = try await response.collect(upTo: 1024)
      return response.status == 200
    } catch {
      return false
    }
  }
}
