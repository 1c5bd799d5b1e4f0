import HTTPClient

/// What goes on while the servers of a test come and go.
struct KillWorld: Sendable {
  let cluster: ClusterProcess
  let web: CountingWeb
  /// The test's own.
  let http: HTTPClient

  static func with<Result: Sendable>(
    _ body: @escaping @Sendable (KillWorld) async throws -> Result
  ) async throws -> Result {
    try await ClusterProcess.with { cluster in
      let web = try CountingWeb()
      let http = HTTPClient()
      defer { http.shutdown() }
      do {
        let result = try await body(KillWorld(cluster: cluster, web: web, http: http))
        await web.stop()
        return result
      } catch {
        await web.stop()
        throw error
      }
    }
  }
}
