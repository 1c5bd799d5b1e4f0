import Concurrency
import Store

/// The way to the cluster: so many requests at once and no more, whoever asks.
struct ClusterGateway: Sendable {
  let cluster: any ApplicationCluster
  private let limit: Int
  private let semaphore: AsyncSemaphore

  init(_ cluster: any ApplicationCluster, limit: Int) {
    self.cluster = cluster
    self.limit = limit
    semaphore = AsyncSemaphore(limit: limit)
  }

  /// Runs `body` for each element, for no more of them at once than requests may be under way: those that wait cost no
  /// task.
  func forEach<Element: Sendable>(
    _ elements: [Element], _ body: @escaping @Sendable (Element) async -> Void
  ) async {
    let rest = Locked(elements[...])
    await withDiscardingTaskGroup { group in
      for _ in 0..<min(limit, elements.count) {
        group.addTask {
          while let element = rest.withLock({ $0.popFirst() }) { await body(element) }
        }
      }
    }
  }

  func request<Answer: Sendable>(
    _ body: (any ApplicationCluster) async throws(ClusterError) -> Answer
  ) async -> Result<Answer, ClusterError> {
    do {
      return try await semaphore.withPermit { () async throws -> Result<Answer, ClusterError> in
        do {
          return .success(try await body(cluster))
        } catch let error as ClusterError {
          return .failure(error)
        }
      }
    } catch {
      // Only waiting for the permit throws anything else.
      return .failure(ClusterError(.cancelled, "the request was not sent: the server stops"))
    }
  }
}

extension ClusterError {
  /// What the store could not do stands between the run and the cluster: it is worth another try.
  init(_ error: StoreError) {
    self.init(.storeUnavailable, error.description)
  }
}
