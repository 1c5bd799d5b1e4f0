import Engine
import HTTPServer
import HTTPTypes
import JSON
import StackAPI
import StackModel
import Store

extension JSONAPI {
  func runID(of call: Call) throws -> RunID {
    guard let number = Int64(call.parameter("run")), number > 0 else {
      throw Refusal.notFound("there is no run \(call.parameter("run")): a run is named by its number")
    }
    return RunID(number)
  }

  @Sendable func listRuns(_ call: Call) async throws -> HTTPResponse {
    try services.gate.check()
    let (limit, token) = try page(of: call)
    let states = try call.request.query.all("state").filter { !$0.isEmpty }.map { name in
      guard let state = RunRecord.State(rawValue: name) else {
        throw Refusal.badRequest("there is no state \"\(name)\"; there are \(Self.names(RunRecord.State.self))")
      }
      return state
    }
    let filter = RunFilter(
      stack: call.request.query["stack"], zone: call.request.query["zone"], states: Set(states))
    let page = try await services.store.runs(matching: filter, after: token, limit: limit)
    return .json(APIRunPage(runs: page.elements.map(APIRunSummary.init), next: page.next?.text))
  }

  @Sendable func startRun(_ call: Call) async throws -> HTTPResponse {
    let body = try await body(APIRunRequest.self, of: call)
    let request = RunRequest(
      stack: body.stack, revision: body.revision, zone: body.zone ?? "",
      variables: OrderedMap((body.variables ?? [:]).sorted { $0.key < $1.key }.map { ($0.key, $0.value) }),
      skip: body.skip ?? [], maxWait: try seconds(body.maxWait, "maxWait") ?? services.defaults.maxWait,
      existing: try choice(body.existing, "existing") ?? .converge,
      healthy: try choice(body.healthy, "healthy") ?? .all, prune: body.prune ?? false,
      lockWait: try seconds(body.lockWait, "lockWait") ?? services.defaults.lockWait, user: call.caller?.name ?? "",
      role: call.caller?.role ?? .regular)
    return try await submit(request, as: call.submission(JSON(encoding: body)))
  }

  @Sendable func downStack(_ call: Call) async throws -> HTTPResponse {
    let body = try await optionalBody(APIDownRequest.self, of: call)
    let request = RunRequest(
      kind: .down, stack: call.parameter("stack"), zone: body.zone ?? "",
      maxWait: try seconds(body.maxWait, "maxWait") ?? services.defaults.maxWait,
      lockWait: try seconds(body.lockWait, "lockWait") ?? services.defaults.lockWait, user: call.caller?.name ?? "",
      role: call.caller?.role ?? .regular)
    return try await submit(request, as: call.submission(JSON(encoding: body)))
  }

  private func submit(_ request: RunRequest, as submission: Submission?) async throws -> HTTPResponse {
    try services.gate.check()
    let (id, isNew) = try await services.engine.submit(request, as: submission)
    if isNew { services.metrics.submitted(kind: request.kind.rawValue) }
    var response = HTTPResponse.json(APIRunAccepted(id: id.number), status: 202)
    response.fields["Location"] = APIRoute.showRun.path("\(id)")
    if !isNew { response.fields["Idempotency-Replayed"] = "true" }
    return response
  }

  @Sendable func showRun(_ call: Call) async throws -> HTTPResponse {
    let id = try runID(of: call)
    try services.gate.check(for: id)
    return .json(APIRunStatus(try await services.engine.status(id)))
  }

  @Sendable func cancelRun(_ call: Call) async throws -> HTTPResponse {
    let id = try runID(of: call)
    try services.gate.check(for: id)
    try await services.engine.cancel(id, by: call.caller?.name ?? "")
    return .json(APIRunStatus(try await services.engine.status(id)), status: 202)
  }

  @Sendable func resumeRun(_ call: Call) async throws -> HTTPResponse {
    let body = try await body(APIResumeRequest.self, of: call)
    let id = try runID(of: call)
    try services.gate.check(for: id)
    let decision: ResumeDecision =
      switch body.decision {
      case .retryStep: .retryStep
      case .skipStep: .skipStep
      }
    try await services.engine.resume(id, decision, by: call.caller?.name ?? "")
    return .json(APIRunStatus(try await services.engine.status(id)), status: 202)
  }

  @Sendable func approveRun(_ call: Call) async throws -> HTTPResponse {
    let body = try await body(APIApproval.self, of: call)
    let id = try runID(of: call)
    try services.gate.check(for: id)
    try await services.engine.approve(id, body.name, by: call.caller?.name ?? "")
    return .json(APIRunStatus(try await services.engine.status(id)), status: 202)
  }

  private func seconds(_ value: Double?, _ name: String) throws -> Duration? {
    guard let value else { return nil }
    guard value >= 0, value <= 1e9 else { throw Refusal.badRequest("\(name) is a number of seconds from 0 to 1e9") }
    return .milliseconds(Int64(value * 1_000))
  }

  private func choice<Choice: RawRepresentable<String> & CaseIterable>(
    _ value: String?, _ name: String
  ) throws -> Choice? {
    guard let value else { return nil }
    guard let choice = Choice(rawValue: value) else {
      throw Refusal.badRequest("\(name) is one of \(Self.names(Choice.self)), not \"\(value)\"")
    }
    return choice
  }

  private static func names<Choice: RawRepresentable<String> & CaseIterable>(_ type: Choice.Type) -> String {
    type.allCases.map(\.rawValue).joined(separator: ", ")
  }
}
