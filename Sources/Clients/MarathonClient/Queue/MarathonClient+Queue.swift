import HTTPTypes
import JSON

extension MarathonClient {
  /// What waits to be launched.
  package func queue() async throws(MarathonError) -> [MarathonQueueItem] {
    try await perform(Call(.get, "/v2/queue")).decode(QueueList.self).queue
  }

  /// Ends the backoff of an application, so that its next start is tried at once. False if it is not in the queue.
  ///
  /// Marathon 1.6.590 answers 500 to every such call.
  package func resetQueueDelay(ofApp id: String) async throws(MarathonError) -> Bool {
    let app = Self.path(ofApp: id).dropFirst("/v2/apps".count)
    return try await ifFound { () async throws(MarathonError) in
      _ = try await perform(Call(.delete, "/v2/queue\(app)/delay"))
      return true
    } ?? false
  }

  struct QueueList: Decodable {
    var queue: [MarathonQueueItem]
  }
}
