import HTTPServer
import HTTPTypes
import StackAPI
import Telemetry

extension Services {
  /// The one table of what this server answers, and of who may ask. Whatever is not in it does not exist.
  var routes: [Route] {
    let original = OriginalAPI(services: self)
    let json = JSONAPI(services: self)
    return [
      // Without a key, as in the original: they tell nothing of stacks.
      Route(nil, "/health", .open, .original, immediate: { _, _ in HTTPResponse() }) { _ in HTTPResponse() },
      Route(.get, "/metrics", .open, .original, metricsText),

      // The original's API: any method.
      Route(nil, "/list", .regular, .original, immediate: original.knownList, original.list),
      Route(nil, "/get", .regular, .original, immediate: original.knownGet, original.get),
      Route(nil, "/run", .regular, .original, original.run),
      Route(nil, "/createstack", .regular, .original, original.createStack),
      Route(nil, "/createlayer", .regular, .original, original.createLayer),
      Route(nil, "/removestack", .regular, .original, original.removeStack),
      Route(nil, "/scheduled", .regular, .original, original.scheduled),
      Route(nil, "/scheduled/delete", .regular, .original, original.deleteScheduled),
      Route(nil, "/createuser", .admin, .original, original.createUser),
      Route(nil, "/refreshtoken", .admin, .original, original.refreshToken),

      // Ours.
      Route(.info, .regular, json.info),
      Route(.listStacks, .regular, json.listStacks),
      Route(.addStack, .regular, json.addStack),
      Route(.showStack, .regular, json.showStack),
      Route(.removeStack, .regular, json.removeStack),
      Route(.listStackFiles, .regular, json.listStackFiles),
      Route(.showStackFile, .regular, json.showStackFile),
      Route(.downStack, .regular, json.downStack),
      Route(.listRuns, .regular, json.listRuns),
      Route(.startRun, .regular, json.startRun),
      Route(.showRun, .regular, json.showRun),
      Route(.runEvents, .regular, json.runEvents),
      Route(.runLogs, .regular, json.runLogs),
      Route(.followLogs, .regular, json.followLogs),
      Route(.cancelRun, .regular, json.cancelRun),
      Route(.resumeRun, .regular, json.resumeRun),
      Route(.approveRun, .regular, json.approveRun),
      Route(.listUsers, .admin, json.listUsers),
      Route(.addUser, .admin, json.addUser),
      Route(.renewKey, .admin, json.renewKey),
    ]
  }

  @Sendable private func metricsText(_ call: Call) async throws -> HTTPResponse {
    HTTPResponse(
      fields: ["Content-Type": MetricsRegistry.contentType],
      body: .bytes(Array(try await metrics.text(of: store).utf8)))
  }
}

extension Route {
  fileprivate init(_ route: APIRoute, _ access: Access, _ handler: @escaping Handler) {
    self.init(HTTPMethod(rawValue: route.method), route.template, access, .json, handler)
  }
}
