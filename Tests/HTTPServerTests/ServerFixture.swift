import Concurrency
import HTTPServer
import Testing

/// Runs a server around a test.
func withServer(
  _ configuration: HTTPServer.Configuration = .init(), handler: @escaping HTTPServer.Handler,
  _ test: (_ port: Int, _ server: HTTPServer) async throws -> Void
) async throws {
  let server = HTTPServer(configuration, handler: handler)
  try server.start()
  do {
    try await test(server.port, server)
  } catch {
    await server.stop()
    throw error
  }
  await server.stop()
}

let echo: HTTPServer.Handler = { request in
  do {
    return .text(String(decoding: try await request.collectBody(upTo: .max), as: UTF8.self))
  } catch {
    return .text("\(error)", status: 500)
  }
}

/// Waits until the task is cancelled, and says so.
@Sendable func waitForCancellation(_ cancelled: AsyncSignal) async {
  do {
    try await Task.sleep(for: .seconds(3_600))
  } catch {
    cancelled.fire()
  }
}
