import HTTPTypes
import JSON

extension MarathonClient {
  package func info() async throws(MarathonError) -> MarathonInfo {
    try await perform(Call(.get, "/v2/info")).decode(MarathonInfo.self)
  }

  /// Returns when Marathon answers and takes the credentials.
  package func ping() async throws(MarathonError) {
    _ = try await perform(Call(.get, "/ping"))
  }
}
