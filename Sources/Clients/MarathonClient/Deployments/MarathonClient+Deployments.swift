import HTTPTypes
import JSON

extension MarathonClient {
  /// The deployments that are going on.
  package func deployments() async throws(MarathonError) -> [MarathonDeployment] {
    try await perform(Call(.get, "/v2/deployments")).decode([MarathonDeployment].self)
  }

  /// Cancels a deployment.
  ///
  /// - Parameter force: leaves all as it stands at this moment. Else a new deployment leads back to what was before: an
  ///   application that the old one created goes, and running tasks are replaced once even if nothing had changed yet.
  /// - Returns: the deployment that leads back; `nil` with `force`.
  @discardableResult
  package func cancelDeployment(
    _ id: String, force: Bool = false
  ) async throws(MarathonError) -> MarathonChange? {
    let path = "/v2/deployments/\(PercentCoding.encode(id, allowed: .pathSegment))"
    let call = Call(.delete, path, query: ["force": force ? "true" : "false"])
    guard force else { return try await change(call) }
    _ = try await perform(call)
    return nil
  }
}
