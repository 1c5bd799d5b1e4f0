import HTTPServer
import HTTPTypes
import Processes

/// A program of this machine, run to its end.
enum Program {
  static func run(_ name: String, _ arguments: [String]) async throws -> ExitStatus {
    let process = try ProcessReactor.shared.spawn(
      ProcessSpecification(executable: name, arguments: arguments, environment: ["PATH": "/usr/bin:/bin"]))
    return await process.exitStatus()
  }
}

/// Files over HTTP.
enum FileServer {
  static func with(_ files: [String: [UInt8]], _ body: (String) async throws -> Void) async throws {
    let server = HTTPServer { request in
      guard let bytes = files[request.path] else { return .text("none", status: 404) }
      return HTTPResponse(body: .bytes(bytes))
    }
    try server.start()
    do {
      try await body("http://127.0.0.1:\(server.port)")
    } catch {
      await server.stop()
      throw error
    }
    await server.stop()
  }
}
