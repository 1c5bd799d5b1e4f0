import Concurrency
import HTTPClient
import HTTPTypes
import JSON
import StackAPI
import StackServer
import Testing

@Suite struct JSONAPITests {
  private func add(
    _ server: ServerFixture, _ source: String, _ more: JSONObject = [:]
  ) async throws -> ServerFixture.Answer {
    var body: JSONObject = ["source": .string(source), "file": "s.yaml"]
    for (name, value) in more { body[name] = value }
    return try await server.post(APIRoute.addStack.path(), .object(body))
  }

  /// Starts a run and waits for its end.
  private func run(_ server: ServerFixture, _ body: JSON) async throws -> APIRunStatus {
    let accepted = try await server.post(APIRoute.startRun.path(), body)
    #expect(accepted.status == 202, "\(accepted.text)")
    let id = try accepted.json().decode(APIRunAccepted.self).id
    #expect(accepted.fields["Location"] == "/api/v1/runs/\(id)")
    var status = try await self.status(server, id)
    try await eventually {
      status = try await self.status(server, id)
      return status.run.isFinal
    }
    return status
  }

  private func status(_ server: ServerFixture, _ id: Int64) async throws -> APIRunStatus {
    try await server.send(.get, APIRoute.showRun.path("\(id)")).json().decode(APIRunStatus.self)
  }

  @Test func infoSaysWhoAnswers() async throws {
    try await ServerFixture.run(isOpen: false) { server in
      let answer = try await server.send(.get, "/api/v1", user: "admin", key: server.adminKey)
      let info = try answer.json().decode(APIInfo.self)
      #expect(info.name == "stack-deploy")
      #expect(info.version == ProductVersion.current)
      #expect(info.cluster == .init(id: "F", version: "1.6.567"))
      #expect(info.user == .init(name: "admin", role: "admin"))
    }
  }

  @Test func stacksHaveRevisions() async throws {
    try await ServerFixture.run { server in
      let first = try await add(server, simpleStack)
      #expect(first.status == 201)
      #expect(try first.json().decode(APIStackAdded.self) == APIStackAdded(name: "simple", revision: 1, warnings: []))
      let taken = try await add(server, simpleStack)
      #expect(taken.status == 409)
      #expect(try taken.json()["error"]?["code"] == "conflict")
      let second = try await add(server, simpleStack.replacing("mem: 16", with: "mem: 32"), ["replace": true])
      #expect(try second.json().decode(APIStackAdded.self).revision == 2)

      let latest = try await server.send(.get, APIRoute.showStack.path("simple")).json().decode(APIStackDocument.self)
      #expect(latest.summary.revision == 2 && latest.yaml.contains("mem: 32"))
      let old = try await server.send(.get, APIRoute.showStack.path("simple") + "?revision=1").json()
        .decode(APIStackDocument.self)
      #expect(old.source == simpleStack && old.file == "s.yaml")
      #expect(try await server.send(.get, APIRoute.showStack.path("simple") + "?revision=3").status == 404)
      #expect(try await server.send(.get, APIRoute.showStack.path("simple") + "?revision=x").status == 400)
    }
  }

  @Test func mistakesAreToldAtOnceWithTheirPlaces() async throws {
    try await ServerFixture.run { server in
      let source = """
        name: s
        applications:
          a:
            type: service
            id: a
            cpu: -1
            mem: 16
            ports: 5
            launch_command: {a: b}
            constraints: [[hostname, NEAR]]
            healthcheck: {interval: 5 parsecs}
        """
      let answer = try await add(server, source)
      #expect(answer.status == 422)
      let error = try answer.json().decode(APIErrorBody.self).error
      #expect(error.code == .invalid)
      #expect(error.diagnostics.filter { $0.severity == "error" }.map(\.line) == [6, 8, 9, 10, 11])
      #expect(error.diagnostics.allSatisfy { $0.file == "s.yaml" && $0.column > 0 })
      #expect(try await server.send(.get, "/api/v1/stacks").json()["stacks"] == [])
    }
  }

  @Test func warningsAreToldAndStrictRefusesThem() async throws {
    try await ServerFixture.run { server in
      let source = simpleStack.replacing("type: service", with: "type: servise\n    memry: 5")
      let strict = try await add(server, source, ["strict": true])
      #expect(strict.status == 422)
      #expect(try strict.json().decode(APIErrorBody.self).error.diagnostics.count == 2)
      let added = try await add(server, source)
      #expect(added.status == 201)
      let warnings = try added.json().decode(APIStackAdded.self).warnings
      #expect(Set(warnings.map(\.code)) == ["unknown-type", "unknown-field"])
    }
  }

  @Test func wrongRequestsAreSentences() async throws {
    try await ServerFixture.run { server in
      for (method, path, body) in [
        (HTTPMethod.post, "/api/v1/runs", "{"), (.post, "/api/v1/runs", "{}"),
        (.post, "/api/v1/runs", #"{"stack":"s","maxWait":-1}"#),
        (.post, "/api/v1/runs", #"{"stack":"s","existing":"x"}"#),
        (.get, "/api/v1/runs?limit=0", ""), (.get, "/api/v1/runs?state=odd", ""), (.get, "/api/v1/stacks?page=odd", ""),
        (.post, "/api/v1/stacks", #"{"source":"","level":"planet"}"#),
        (.post, "/api/v1/stacks", #"{"source":"","parent":"x"}"#),
      ] {
        let answer = try await server.send(method, path, body.isEmpty ? nil : body)
        #expect(answer.status == 400, "\(path) \(body): \(answer.text)")
        #expect(try answer.json().decode(APIErrorBody.self).error.code == .badRequest)
      }
      #expect(try await server.send(.get, "/api/v1/nothing").json()["error"]?["code"] == "not_found")
      #expect(try await server.send(.get, "/api/v1/runs/x").status == 404)
      #expect(try await server.send(.get, "/api/v1/runs/999").status == 404)
      let head = try await server.send(.head, "/api/v1/runs")
      #expect(head.status == 200 && head.text.isEmpty)
      let method = try await server.send(.put, "/api/v1/runs")
      #expect(method.status == 405)
      #expect(method.fields["Allow"] == "GET, POST")
    }
  }

  @Test func aRunDeploysAndDownDestroys() async throws {
    try await ServerFixture.run { server in
      #expect(try await add(server, simpleStack).status == 201)
      let status = try await run(server, ["stack": "simple", "variables": ["v": "1"]])
      #expect(status.run.state == "succeeded", "\(status)")
      #expect(status.applications.map(\.id) == ["a"])
      #expect(status.applications[0].change == "created")
      #expect(server.marathon.state.withLock { $0.apps.keys.sorted() } == ["/a"])

      let down = try await server.send(.post, APIRoute.downStack.path("simple"))
      #expect(down.status == 202, "\(down.text)")
      let id = try down.json().decode(APIRunAccepted.self).id
      try await eventually { try await self.status(server, id).run.isFinal }
      #expect(server.marathon.state.withLock { $0.apps.isEmpty })

      let runs = try await server.send(.get, "/api/v1/runs?stack=simple").json().decode(APIRunPage.self).runs
      #expect(runs.map(\.kind) == ["down", "run"])
      #expect(try await server.send(.get, "/api/v1/runs?state=failed").json()["runs"] == [])
    }
  }

  @Test func eventsCanBeHadAsPagesAndAsAStream() async throws {
    try await ServerFixture.run { server in
      #expect(try await add(server, simpleStack).status == 201)
      let status = try await run(server, ["stack": "simple"])
      let path = APIRoute.runEvents.path("\(status.run.id)")
      let page = try await server.send(.get, path).json().decode(APIEventPage.self)
      #expect(page.events.first?.kind == "accepted")
      #expect(page.events.last?.final == true)
      let first = try await server.send(.get, path + "?limit=2").json().decode(APIEventPage.self)
      #expect(first.events.count == 2 && first.next == 2)

      let stream = try await server.send(.get, path, fields: ["Accept": "text/event-stream"])
      #expect(stream.fields["Content-Type"] == "text/event-stream")
      var decoder = ServerSentEventDecoder()
      let messages = try decoder.feed(Array(stream.text.utf8))
      let events = try messages.map { try JSON(parsing: $0.data ?? "").decode(APIEvent.self) }
      #expect(events == page.events)
      #expect(messages.map(\.id) == page.events.map { $0.sequence.map(String.init) })

      let rest = try await server.send(.get, path, fields: ["Accept": "text/event-stream", "Last-Event-ID": "2"])
      var second = ServerSentEventDecoder()
      #expect(try second.feed(Array(rest.text.utf8)).first?.id == "3")
      #expect(
        try await server.send(.get, path, fields: ["Accept": "text/event-stream", "Last-Event-ID": "x"]).status == 400)
    }
  }

  @Test func aRunThatWaitsSaysWhyAndCanBeCancelled() async throws {
    try await ServerFixture.run { server in
      server.marathon.state.withLock { state in
        state.stuck.insert("/a")
        state.queue = [
          "queue": [
            [
              "count": 1, "delay": ["timeLeftSeconds": 0, "overdue": true], "app": ["id": "/a", "cpus": 64],
              "processedOffersSummary": [
                "rejectSummaryLastOffers": [["reason": "InsufficientCpus", "declined": 3, "processed": 3]]
              ],
            ]
          ]
        ]
      }
      #expect(try await add(server, simpleStack).status == 201)
      let accepted = try await server.post(APIRoute.startRun.path(), ["stack": "simple"])
      let id = try accepted.json().decode(APIRunAccepted.self).id
      try await eventually {
        try await self.status(server, id).applications.first?.waiting?.cause == "offers"
      }
      let waiting = try await status(server, id).applications[0].waiting
      #expect(waiting?.sentence == "no agent with enough cpus: 3 of 3 offers have less than 64")

      let locked = try await server.post(APIRoute.startRun.path(), ["stack": "simple", "lockWait": 0])
      #expect(locked.status == 409)
      #expect(try locked.json()["error"]?["code"] == "locked")

      #expect(try await server.send(.post, APIRoute.cancelRun.path("\(id)")).status == 202)
      try await eventually { try await self.status(server, id).run.state == "cancelled" }
      let again = try await server.send(.post, APIRoute.cancelRun.path("\(id)"))
      #expect(again.status == 409)
      #expect(try await server.post(APIRoute.resumeRun.path("\(id)"), ["decision": "retry_step"]).status == 409)
    }
  }

  @Test func metricsCountRequestsAndRuns() async throws {
    try await ServerFixture.run { server in
      #expect(try await add(server, simpleStack).status == 201)
      _ = try await run(server, ["stack": "simple"])
      let metrics = try await server.send(.get, "/metrics")
      #expect(metrics.fields["Content-Type"]?.hasPrefix("text/plain; version=0.0.4") == true)
      for line in [
        #"stack_deploy_http_requests_total{method="POST",route="/api/v1/stacks",status="201"} 1"#,
        #"stack_deploy_runs_submitted_total{kind="run"} 1"#,
        #"stack_deploy_runs_ended_total{kind="run",state="succeeded"} 1"#, #"stack_deploy_runs{state="running"} 0"#,
        "stack_deploy_journal_commits_total{outcome=\"succeeded\"}",
        #"stack_deploy_marathon_requests_total{operation="create",outcome="succeeded"} 1"#,
        "stack_deploy_uptime_seconds",
      ] {
        #expect(metrics.text.contains(line), "\(line)")
      }
      #expect(!metrics.text.contains("simple"))
    }
  }
}
