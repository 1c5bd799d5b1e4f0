import Concurrency
import Glibc
import HTTPClient
import HTTPTypes
import JSON
import Testing

@testable import LocalCluster

@Suite struct ClusterHTTPTests {
  @Test func onlyTheCredentialOpensAndOnlyOwnNamesAreServed() async throws {
    try await ClusterHarness.with { cluster in
      let without = try await cluster.ask(.get, "/ping", authorized: false)
      #expect(without.status == 401)
      #expect(without.fields["WWW-Authenticate"]?.hasPrefix("basic ") == true)
      let wrong = BasicAuthorization(user: "cluster", password: "guess")
      let refused = try await cluster.ask(
        .get, "/ping", fields: ["Authorization": wrong.fieldValue], authorized: false)
      #expect(refused.status == 401)
      #expect(try await cluster.ask(.get, "/ping").bytes == Array("pong".utf8))

      let port = cluster.endpoint.url.split(separator: ":").last ?? ""
      for (host, status) in [
        ("evil.example:\(port)", 403), ("127.0.0.1:1", 403), ("localhost:\(port)", 200), ("127.0.0.9:\(port)", 200),
        ("127.0.0.1.evil.example:\(port)", 403),
      ] {
        #expect(try await cluster.ask(.get, "/ping", fields: ["Host": host]).status == status, "\(host)")
      }
      for (origin, status) in [
        ("http://evil.example", 403), ("null", 403), ("http://127.0.0.1:\(port)", 200), ("http://127.0.0.1:1", 403),
        ("https://127.0.0.1:\(port)", 403),
      ] {
        #expect(try await cluster.ask(.get, "/ping", fields: ["Origin": origin]).status == status, "\(origin)")
      }
    }
  }

  @Test func theCredentialIsForItsOwnerOnlyAndStays() async throws {
    let folder = ClusterHarness.temporaryFolder()
    defer { Files.remove(folder) }
    let place = ClusterFolder(folder)
    try await ClusterHarness.with(folder: folder) { _ in
      for path in [place.credential, place.record, place.database] {
        #expect(Files.status(path).map { $0.st_mode & 0o777 } == 0o600, "\(path)")
      }
    }
    let first = try Files.read(place.credential)
    #expect(try Files.read(place.record) == nil, "a cluster that has ended is not found")
    try await ClusterHarness.with(folder: folder) { _ in }
    #expect(try Files.read(place.credential) == first)
  }

  @Test func withoutAuthenticationEverybodyOnThisMachineMayAsk() async throws {
    try await ClusterHarness.with(authentication: false) { cluster in
      let listed = try await cluster.ask(.get, "/v2/apps", authorized: false)
      let foreign = try await cluster.ask(.get, "/v2/apps", fields: ["Origin": "http://x.example"])
      #expect(cluster.endpoint.credential == nil)
      #expect(listed.json == ["apps": []])
      #expect(foreign.status == 403)
    }
  }

  @Test func addressesThatOthersReachAreRefused() async throws {
    for host in ["0.0.0.0", "10.0.0.1", "example.com", "127.0.0.1.example.com"] {
      let options = ClusterOptions(dataDirectory: "/nonexistent", host: host)
      #expect(throws: ClusterError.self, "\(host)") { try options.check() }
    }
    #expect(throws: ClusterError.self) { try ClusterOptions(dataDirectory: "/nonexistent", agents: 0).check() }
  }

  @Test func aSecondClusterOnTheFolderIsRefusedWithTheFirstOnesNumber() async throws {
    try await ClusterHarness.with { cluster in
      await #expect {
        try await LocalCluster.run(ClusterHarness.options(cluster.folder), until: .init())
      } throws: { error in
        "\(error)".contains("process \(cluster.endpoint.pid)") && (error as? ClusterError)?.code == .alreadyRunning
      }
    }
  }

  @Test func theMasterListsItsAgents() async throws {
    try await ClusterHarness.with(agents: 3) { cluster in
      let state = try await cluster.ask(.get, "/master/state.json").json
      #expect(state["activated_slaves"] == 3)
      let slaves = try #require(state["slaves"]?.arrayValue)
      #expect(slaves.map { $0["hostname"]?.stringValue } == ["127.0.0.1", "127.0.0.2", "127.0.0.3"])
      #expect(slaves[0]["attributes"]?["rack"] == "r1")
      #expect(slaves[0]["resources"]?["cpus"] == 4)
      let info = try await cluster.ask(.get, "/v2/info").json
      #expect(info["version"] == "1.6.590")
      #expect(info["marathon_config"]?["master"]?.stringValue.map { "http://\($0)" } == cluster.endpoint.url)
    }
  }

  @Test func filesOutsideASandboxAreNotRead() async throws {
    try await ClusterHarness.with { cluster in
      _ = try await cluster.ask(.post, "/v2/apps", ["id": "/f", "cmd": "ln -s /etc/hostname link; exec sleep 1000"])
      try await cluster.waitUntilDeployed("/f")
      let id = try #require(try await cluster.tasks("/f").first?["id"]?.stringValue)
      for path in [
        "/tasks/\(id)/../../../cluster/credential", "/tasks/../cluster/credential", "/etc/passwd", "/tasks/none/stdout",
        "/tasks/\(id)/link", "/tasks/\(id)",
      ] {
        let answer = try await cluster.ask(.get, "/files/read?path=\(path)&offset=0")
        #expect(answer.status == 404, "\(path)")
      }
      #expect(try await cluster.ask(.get, "/files/read?offset=0").status == 400)
      #expect(try await cluster.ask(.get, "/files/read?path=/tasks/\(id)/stdout&offset=x").status == 400)
      let size = try await cluster.ask(.get, "/files/read?path=/tasks/\(id)/stdout").json
      #expect(size == ["data": "", "offset": 0])
      let names = try await cluster.ask(.get, "/files/browse?path=/tasks/\(id)").json.arrayValue ?? []
      let paths = names.compactMap { $0["path"]?.stringValue }
      #expect(paths.contains("/tasks/\(id)/stdout"))
    }
  }

  @Test func eventsAreStreamedInMarathonsForm() async throws {
    try await ClusterHarness.with { cluster in
      let response = try await cluster.client.send(
        HTTPClientRequest(
          .get, url: cluster.endpoint.url + "/v2/events?plan-format=light",
          fields: ["Accept": "text/event-stream"], timeout: nil, basicAuthorization: cluster.endpoint.credential))
      #expect(response.status == 200)
      #expect(response.fields["Content-Type"] == "text/event-stream;charset=utf-8")
      var decoder = ServerSentEventDecoder()
      var types: [String] = []
      for try await bytes in response.body {
        let events = try decoder.feed(bytes)
        for event in events {
          let type = event.event ?? ""
          let data = try JSON(parsing: event.data ?? "")
          #expect(data["eventType"]?.stringValue == type)
          if types.isEmpty {
            #expect(type == "event_stream_attached")
            _ = try await cluster.ask(.post, "/v2/apps", ["id": "/e", "cmd": "exec sleep 1000"])
          }
          let plan = data["plan"]?.objectValue
          if type == "deployment_info" { #expect(plan?.keys == ["id", "steps", "version"]) }
          types.append(type)
        }
        if types.last == "deployment_success" { break }
      }
      #expect(
        types == [
          "event_stream_attached", "deployment_info", "deployment_step_success", "deployment_info", "api_post_event",
          "group_change_success", "instance_changed_event", "status_update_event", "instance_changed_event",
          "status_update_event", "instance_changed_event", "deployment_step_success", "deployment_success",
        ])
      #expect(try await cluster.ask(.get, "/v2/events").status == 405)
    }
  }

  @Test func eventsCanBeChosen() async throws {
    try await ClusterHarness.with { cluster in
      let response = try await cluster.client.send(
        HTTPClientRequest(
          .get, url: cluster.endpoint.url + "/v2/events?event_type=deployment_success&event_type=app_terminated_event",
          fields: ["Accept": "text/event-stream"], timeout: nil, basicAuthorization: cluster.endpoint.credential))
      var decoder = ServerSentEventDecoder()
      var types: [String] = []
      _ = try await cluster.ask(.post, "/v2/apps", ["id": "/e", "cmd": "exec sleep 1000"])
      try await cluster.waitUntilDeployed("/e")
      _ = try await cluster.ask(.delete, "/v2/apps/e")
      for try await bytes in response.body {
        for event in try decoder.feed(bytes) {
          types.append(event.event ?? "")
          if event.event == "deployment_success" {
            // Without plan-format=light the plan carries the groups, as old clients want it.
            let plan = try JSON(parsing: event.data ?? "")["plan"]?.objectValue
            #expect(plan?.keys == ["id", "original", "target", "steps", "version"])
          }
        }
        if types.count >= 3 { break }
      }
      #expect(types == ["deployment_success", "app_terminated_event", "deployment_success"])
    }
  }
}
