import HTTPClient

/// The error of a call within a child task, where `#expect(throws:)` does not compile.
func failure(of body: () async throws -> Void) async -> HTTPClientError? {
  do {
    try await body()
    return nil
  } catch {
    return error as? HTTPClientError
  }
}
