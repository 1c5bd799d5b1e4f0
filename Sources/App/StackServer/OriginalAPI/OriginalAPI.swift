import HTTPServer
import HTTPTypes
import StackAPI
import StackModel
import Store

/// The original's HTTP API, for its command line: paths, bodies and successful answers as recorded from it; where it
/// failed, fitting statuses.
struct OriginalAPI: Sendable {
  let services: Services

  /// Bytes of a request's body: stacks of thousands of applications have some hundred kB.
  static let bodyLimit = 16 << 20

  func body(of call: Call) async throws -> OriginalRequest {
    OriginalRequest(try await call.request.collectBody(upTo: Self.bodyLimit))
  }

  /// As Go's server answers when a handler writes text without saying what it is; nothing has no type.
  private func success(_ text: String, status: Int = 200) -> HTTPResponse {
    success(Array(text.utf8), status: status)
  }

  private func success(_ text: [UInt8], status: Int = 200) -> HTTPResponse {
    guard !text.isEmpty else { return HTTPResponse(status: status) }
    return HTTPResponse(status: status, fields: ["Content-Type": "text/plain; charset=utf-8"], body: .bytes(text))
  }

  // MARK: Answers that are known already

  private static let listName = "list"
  private static func getName(_ stack: String) -> String { "get " + stack }

  func knownList(_ call: Call, _ body: [UInt8]) -> HTTPResponse? {
    guard services.gate.state == .serving else { return nil }
    return services.stackAnswers.known(Self.listName).map { success($0) }
  }

  func knownGet(_ call: Call, _ body: [UInt8]) -> HTTPResponse? {
    guard services.gate.state == .serving, let name = OriginalRequest(body).string("name").lenient else { return nil }
    return services.stackAnswers.known(Self.getName(name)).map { success($0) }
  }

  @Sendable func list(_ call: Call) async throws -> HTTPResponse {
    try services.gate.check()
    return success(
      try await services.stackAnswers.answer(Self.listName) {
        Array(StackYAML.text(try await services.store.stackNames()).utf8)
      })
  }

  @Sendable func get(_ call: Call) async throws -> HTTPResponse {
    try services.gate.check()
    let name = try stackName(try await body(of: call))
    do {
      return success(
        try await services.stackAnswers.answer(Self.getName(name)) {
          let record = try await services.catalog.show(name)
          return Array(StackYAML.text(try await services.catalog.merged(record)).utf8)
        })
    } catch let error as StackCatalogError {
      var refusal = Refusal(catalog: error)
      if refusal.status == 404 { refusal.originalText = "Stack does not exist" }
      throw refusal
    }
  }

  /// The original ignores what is wrong with the body here; it then has no name.
  func stackName(_ body: OriginalRequest) throws -> String {
    guard let name = body.string("name").lenient, !name.isEmpty else { throw Refusal.badRequest("Stack name required") }
    return name
  }

  @Sendable func createStack(_ call: Call) async throws -> HTTPResponse {
    let body = try await strictBody(of: call)
    return try await add(
      StackCatalog.Addition(
        source: try body.string("stackfile").strict("CreateStackRequest.stackfile", as: "string") ?? "",
        user: call.caller?.name ?? ""))
  }

  @Sendable func createLayer(_ call: Call) async throws -> HTTPResponse {
    let body = try await strictBody(of: call)
    let source = try body.string("stackfile").strict("CreateLayerRequest.stackfile", as: "string") ?? ""
    let level = try body.string("layer").strict("CreateLayerRequest.layer", as: "string") ?? ""
    let parent = try body.string("parent").strict("CreateLayerRequest.parent", as: "string") ?? ""
    guard let level = LayerLevel(name: level) else { throw Refusal.badRequest("Invalid layer: \(level)") }
    return try await add(
      StackCatalog.Addition(source: source, level: level, parent: parent, user: call.caller?.name ?? ""))
  }

  private func add(_ addition: StackCatalog.Addition) async throws -> HTTPResponse {
    try services.gate.check()
    _ = try await services.catalog.add(addition)
    return success("")
  }

  private func strictBody(of call: Call) async throws -> OriginalRequest {
    let body = try await body(of: call)
    if let failure = body.failure { throw Refusal.badRequest(failure) }
    return body
  }

  @Sendable func removeStack(_ call: Call) async throws -> HTTPResponse {
    try services.gate.check()
    let body = try await body(of: call)
    _ = try await services.catalog.remove(try stackName(body), force: body.bool("force").lenient ?? false)
    return success("")
  }

  // MARK: Schedules: this version has none, so none is listed and none is found.

  @Sendable func scheduled(_ call: Call) async throws -> HTTPResponse { success("[]") }

  @Sendable func deleteScheduled(_ call: Call) async throws -> HTTPResponse {
    let body = try await strictBody(of: call)
    let id = try body.integer("id").strict("RemoveScheduledRequest.id", as: "int64") ?? 0
    return success("Task \(id) not found", status: 404)
  }

  // MARK: Users

  @Sendable func createUser(_ call: Call) async throws -> HTTPResponse {
    let body = try await strictBody(of: call)
    let name = try body.string("name").strict(".name", as: "string") ?? ""
    let role = try body.string("role").strict(".role", as: "string") ?? ""
    try services.gate.check()
    // Without users there are no keys; the original answers an empty one.
    if services.isOpen { return success("", status: 201) }
    // Exactly "admin", everything else is regular.
    let key = try await services.users.add(name, role: role == "admin" ? .admin : .regular)
    return success(key, status: 201)
  }

  @Sendable func refreshToken(_ call: Call) async throws -> HTTPResponse {
    let body = try await strictBody(of: call)
    let name = try body.string("name").strict(".name", as: "string") ?? ""
    try services.gate.check()
    if services.isOpen { return success("") }
    return success(try await services.users.renewKey(of: name))
  }
}
