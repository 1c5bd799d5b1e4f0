import HTTPServer
import StackAPI
import Store

extension JSONAPI {
  @Sendable func listUsers(_ call: Call) async throws -> HTTPResponse {
    try services.gate.check()
    let (limit, token) = try page(of: call)
    let page = try await services.users.users(after: token, limit: limit)
    return .json(
      APIUserPage(
        users: page.elements.map { APIUser(name: $0.name, role: $0.role.rawValue, createdAt: $0.createdAt) },
        next: page.next?.text))
  }

  @Sendable func addUser(_ call: Call) async throws -> HTTPResponse {
    let body = try await body(APIUserAddition.self, of: call)
    guard let role = UserRole(rawValue: body.role ?? UserRole.regular.rawValue) else {
      throw Refusal.badRequest("role is admin or regular, not \"\(body.role ?? "")\"")
    }
    try refuseWithoutUsers()
    let key = try await services.users.add(body.name, role: role)
    return .json(APIUserKey(name: body.name, key: key), status: 201)
  }

  @Sendable func renewKey(_ call: Call) async throws -> HTTPResponse {
    try refuseWithoutUsers()
    let name = call.parameter("user")
    return .json(APIUserKey(name: name, key: try await services.users.renewKey(of: name)))
  }

  private func refuseWithoutUsers() throws {
    try services.gate.check()
    if services.isOpen {
      throw Refusal(409, APIError(.conflict, "this server was started with --dev: it has no users and asks for no key"))
    }
  }
}
