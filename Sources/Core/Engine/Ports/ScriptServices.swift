package import ScriptHost
package import StackModel

/// Performs what scripts call for that is neither the cluster's nor the run's own.
package protocol ScriptServices: Sendable {
  /// Sends an HTTP request.
  ///
  /// - Parameter isAllowed: asked with the very address of each attempt to connect; does not wait.
  /// - Returns: what came of it; nil where the task was cancelled, and it is not known whether the request came through.
  func send(_ call: HTTPCall, isAllowed: @escaping @Sendable (NetworkAddress) -> Bool) async -> HostAnswer?
}

/// Where nothing can be sent.
package struct NoScriptServices: ScriptServices {
  package init() {}

  package func send(
    _ call: HTTPCall, isAllowed: @escaping @Sendable (NetworkAddress) -> Bool
  ) async -> HostAnswer? {
    .failure(HostCallFailure(.unavailable, "no requests can be sent here"))
  }
}
