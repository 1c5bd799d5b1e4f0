import Concurrency
import Engine
import HTTPServer
import HTTPTypes
import JSON
import StackAPI
import Store

/// The JSON API under `/api/v1`.
struct JSONAPI: Sendable {
  let services: Services

  private static let bodyLimit = 16 << 20
  private static let largestPage = PageLimit.largestPage
  private static let usualPage = 100

  /// - Parameter uniqueNames: whether a name that occurs twice in one object is refused; else the last one counts.
  func body<Body: Decodable>(
    _ type: Body.Type, of call: Call, uniqueNames: Bool = false
  ) async throws -> Body {
    let bytes = try await call.request.collectBody(upTo: Self.bodyLimit)
    do {
      return try JSON(parsing: bytes, limits: JSONLimits(uniqueNames: uniqueNames)).decode(type)
    } catch let error as JSONParseError {
      throw Refusal.badRequest("the body is \(error)")
    } catch let error as JSONDecodingError {
      throw Refusal.badRequest("the body is not as it should be: \(error)")
    }
  }

  /// As `body`, where nothing at all is the same as `{}`.
  func optionalBody<Body: Decodable>(_ type: Body.Type, of call: Call) async throws -> Body {
    let bytes = try await call.request.collectBody(upTo: Self.bodyLimit)
    do {
      return try (bytes.isEmpty ? [:] : JSON(parsing: bytes)).decode(type)
    } catch let error as JSONParseError {
      throw Refusal.badRequest("the body is \(error)")
    } catch let error as JSONDecodingError {
      throw Refusal.badRequest("the body is not as it should be: \(error)")
    }
  }

  func flag(_ name: String, of call: Call) throws -> Bool {
    switch call.request.query[name] {
    case nil, "false", "0": false
    case "", "true", "1": true
    case let other?: throw Refusal.badRequest("\(name) is true or false, not \"\(other)\"")
    }
  }

  func number(_ name: String, of call: Call) throws -> Int64? {
    guard let text = call.request.query[name] else { return nil }
    guard let number = Int64(text), number >= 0 else {
      throw Refusal.badRequest("\(name) is a number from 0 on, not \"\(text)\"")
    }
    return number
  }

  func page(of call: Call) throws -> (limit: Int, token: PageToken?) {
    let limit = try number("limit", of: call) ?? Int64(Self.usualPage)
    guard (1...Int64(Self.largestPage)).contains(limit) else {
      throw Refusal.badRequest("limit is a number from 1 to \(Self.largestPage), not \(limit)")
    }
    let text = call.request.query["page"] ?? ""
    return (Int(limit), text.isEmpty ? nil : PageToken(text: text))
  }

  @Sendable func info(_ call: Call) async throws -> HTTPResponse {
    let cluster = services.clusterInfo.withLock { $0 }
    let caller = services.isOpen ? nil : call.caller
    return .json(
      APIInfo(
        startedAt: services.startedAt, store: services.store.summary,
        cluster: cluster.map { APIInfo.Cluster(id: $0.id, version: $0.version) },
        user: caller.map { APIInfo.User(name: $0.name, role: $0.role.rawValue) }))
  }
}
