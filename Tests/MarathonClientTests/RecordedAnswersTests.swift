import HTTPClient
import HTTPServer
import JSON
import MarathonClient
import Testing

/// Every recorded answer of a real Marathon to a request that this client makes, given to the client over a socket.
struct RecordedAnswersTests {
  @Test(arguments: Recording.versions)
  func everyAnswerIsUnderstood(version: String) async throws {
    let server = try ReplayServer()
    let client = try MarathonClient(endpoints: [server.url], httpClient: HTTPClient())
    let recording = Recording(version: version)
    var decoded = 0
    var errors: [MarathonError.Code: Int] = [:]
    var otherRoutes = 0
    for scenario in recording.names(".json") {
      for exchange in try recording.exchanges(scenario) {
        guard let route = Route(exchange) else {
          otherRoutes += 1
          continue
        }
        let place: Comment = "\(version)/\(scenario): \(exchange.method) \(exchange.target) → \(exchange.status)"
        server.answer(.recorded(exchange))
        do {
          let exists = try await route.call(client)
          #expect(exists || exchange.status == 404 || exchange.body?.contains("[]") == true, place)
          #expect(!exists || exchange.status != 404, place)
          #expect(exchange.status < 300 || route.takesNotFoundAsAnswer && exchange.status == 404, place)
          decoded += 1
        } catch let error as MarathonError {
          check(error, exchange, place)
          errors[error.code, default: 0] += 1
        }
      }
    }
    await server.stop()
    let counts = errors.sorted { $0.value > $1.value }.map { "\($0.key) \($0.value)" }.joined(separator: ", ")
    print("\(version): \(decoded) answers decoded; errors: \(counts); \(otherRoutes) exchanges of other routes")
    #expect(decoded > 400)
    #expect(errors.values.reduce(0, +) > 150)
  }

  private func check(_ error: MarathonError, _ exchange: Recording.Exchange, _ place: Comment) {
    let codes: [Int: [MarathonError.Code]] = [
      400: [.badRequest], 401: [.unauthorized], 404: [.notFound], 405: [.refused], 406: [.refused],
      409: [.exists, .locked],
      415: [.refused], 422: [.invalid], 500: [.server],
    ]
    #expect(codes[exchange.status]?.contains(error.code) == true, "\(place): \(error)")
    #expect(error.status == exchange.status, place)
    #expect(error.mayHaveHappened == (exchange.status >= 500), place)
    guard let body = exchange.body.flatMap({ try? JSON(parsing: $0) }) else { return }
    #expect(error.message == body["message"]?.stringValue, place)
    #expect(error.details.count == body["details"]?.arrayValue?.count ?? (body["details"] == nil ? 0 : 1), place)
    #expect(error.lockingDeployments.count == body["deployments"]?.arrayValue?.count ?? 0, place)
    #expect(error.originalText.hasPrefix("Marathon API error: "), place)
  }

  @Test(arguments: Recording.versions)
  func whatIsNotUnderstoodOfAnApplicationSurvives(version: String) throws {
    var count = 0
    for scenario in Recording(version: version).names(".json") {
      for exchange in try Recording(version: version).exchanges(scenario)
      where exchange.method == "GET" && exchange.status == 200 && exchange.path.hasPrefix("/v2/apps") {
        guard let text = exchange.body, let json = try? JSON(parsing: text) else { continue }
        for var app in json["apps"]?.arrayValue ?? [json["app"]].compactMap({ $0 }) {
          guard case .object(var object) = app else { continue }
          object["aFieldOfTomorrow"] = ["nested": [1, 2.5, "x"]]
          app = .object(object)
          let read = try app.decode(MarathonApp.self)
          for (key, value) in read.definition { #expect(object[key] == value) }
          let gone = Set(object.keys).subtracting(read.definition.keys)
          #expect(
            gone.isSubset(of: [
              "version", "versionInfo", "tasksStaged", "tasksRunning", "tasksHealthy", "tasksUnhealthy", "tasks",
              "deployments", "lastTaskFailure", "tasksStats", "taskStats", "readinessCheckResults",
            ]))
          #expect(read.version == object["version"]?.stringValue)
          count += 1
        }
      }
    }
    #expect(count > 150)
  }
}
