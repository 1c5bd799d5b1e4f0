import HTTPClient
import HTTPTypes
import JSON

/// A server whose runs have hostile scripts in their hooks.
struct AttackedServer: Sendable {
  let process: ServerProcess
  let http: HTTPClient
  /// Beside each script, as its modules.
  let modules: [(path: String, source: [UInt8])]

  private var key: String { process.client.environment["SD_KEY"] ?? "" }

  /// An ordinary client, which asks for nothing but `/health`.
  func bystander() throws -> Bystander {
    guard let port = process.url.split(separator: ":").last.flatMap({ Int($0) }) else {
      throw CommandFailure("no port: \(process.url)")
    }
    return Bystander(port: port, path: "/health", user: "admin", key: key)
  }

  func add(_ attack: ScriptAttack) async throws {
    _ = try await send(.post, "/api/v1/stacks", attack.addition(modules: modules))
  }

  /// - Returns: the run's number.
  func begin(_ attack: ScriptAttack) async throws -> Int {
    let answer = try await send(.post, "/api/v1/runs", ["stack": .string(attack.stack), "maxWait": 10])
    guard let run = answer["id"]?.intValue else { throw CommandFailure("no run: \(answer)") }
    return run
  }

  /// It may have ended in the moment before.
  func cancel(_ run: Int) async throws { _ = try await send(.post, "/api/v1/runs/\(run)/cancel", orStatus: 409) }

  func status(of run: Int) async throws -> JSON { try await send(.get, "/api/v1/runs/\(run)") }

  /// Those that are not over, by their numbers.
  func open() async throws -> Set<Int> {
    let page = try await send(.get, "/api/v1/runs?state=queued&state=running&state=blocked&limit=1000")
    return Set((page["runs"]?.arrayValue ?? []).compactMap { $0["id"]?.intValue })
  }

  private func send(
    _ method: HTTPMethod, _ path: String, _ body: JSON? = nil, orStatus other: Int? = nil
  ) async throws -> JSON {
    let response = try await http.send(
      HTTPClientRequest(
        method, url: process.url + path, fields: ["X-Api-User": "admin", "X-Api-Key": key], body: body?.bytes,
        timeout: .seconds(60)))
    let bytes = try await response.collect(upTo: 64 << 20)
    guard response.status < 300 || response.status == other else {
      throw CommandFailure("\(method) \(path): \(response.status) \(String(decoding: bytes, as: UTF8.self))")
    }
    return try JSON(parsing: bytes)
  }
}
