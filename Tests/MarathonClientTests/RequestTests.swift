import Concurrency
import HTTPClient
import HTTPServer
import HTTPTypes
import JSON
import MarathonClient
import Testing

/// What the client sends.
struct RequestTests {
  private let server: ReplayServer
  private let client: MarathonClient

  init() throws {
    server = try ReplayServer([.json(#"{"deploymentId":"d1","version":"v1"}"#)])
    client = try MarathonClient(
      endpoints: [server.url], credentials: BasicAuthorization(user: "u", password: "p"), httpClient: HTTPClient())
  }

  private var lines: [String] { server.seen.map { "\($0.method) \($0.target) \($0.body)" } }

  @Test func changes() async throws {
    let change = try await client.scaleApp("a/b", to: 3)
    #expect(change == (try await client.restartApp("/a/b", force: true)))
    #expect(change.deploymentID == "d1" && change.version == "v1")
    _ = try await client.destroyApp("/a/b")
    _ = try await client.destroyApp("/a/b", force: true)
    _ = try await client.cancelDeployment("d/1")
    _ = try await client.cancelDeployment("d1", force: true)
    #expect(
      lines == [
        #"PUT /v2/apps/a/b?force=false {"instances":3}"#, "POST /v2/apps/a/b/restart?force=true ",
        "DELETE /v2/apps/a/b?force=false ", "DELETE /v2/apps/a/b?force=true ",
        "DELETE /v2/deployments/d%2F1?force=false ", "DELETE /v2/deployments/d1?force=true ",
      ])
    #expect(server.seen.allSatisfy { $0.fields["Authorization"] == "Basic dTpw" })
    #expect(server.seen.allSatisfy { $0.fields["Accept"] == "application/json" })
    #expect(server.seen[0].fields["Content-Type"] == "application/json")
    await server.stop()
  }

  @Test func whatMarathonReportsIsNotSentBack() async throws {
    let app: JSON = [
      "id": "/a", "cmd": "x", "version": "v", "versionInfo": ["lastScalingAt": "t"], "tasksRunning": 1, "tasks": [],
      "deployments": [], "lastTaskFailure": [:], "unknown": ["deep": [1, 2]], "tasksHealthy": 0,
    ]
    _ = try await client.updateApp("/a", app)
    _ = try await client.updateApp("/a", app, force: true, replacing: true)
    let body = #"{"id":"/a","cmd":"x","unknown":{"deep":[1,2]}}"#
    #expect(lines == ["PUT /v2/apps/a?force=false \(body)", "PUT /v2/apps/a?force=true&partialUpdate=false \(body)"])
    await server.stop()
  }

  @Test func idsAreEncodedSegmentBySegment() async throws {
    server.answer(.json(#"{"tasks":[]}"#))
    for id in ["a", "/a", "/a/b c", "/ä?#", "//a"] { _ = try await client.tasks(ofApp: id) }
    #expect(
      server.seen.map(\.target) == [
        "/v2/apps/a/tasks", "/v2/apps/a/tasks", "/v2/apps/a/b%20c/tasks", "/v2/apps/%C3%A4%3F%23/tasks",
        "/v2/apps/a/tasks",
      ])
    await server.stop()
  }

  @Test func listsAndKills() async throws {
    server.answer(.json(#"{"apps":[],"tasks":[],"queue":[]}"#))
    _ = try await client.apps(embed: [.tasks, .counts], id: "x", label: "a in (b,c)")
    _ = try await client.killTask("t 1", ofApp: "/a", then: .scaleDown)
    _ = try await client.killTasks(ofApp: "/a", onHost: "h", then: .wipe)
    _ = try await client.killTasks(["t1", "t2"])
    #expect(
      lines == [
        "GET /v2/apps?embed=apps.tasks&embed=apps.counts&id=x&label=a%20in%20%28b%2Cc%29 ",
        "DELETE /v2/apps/a/tasks/t%201?scale=true ", "DELETE /v2/apps/a/tasks?wipe=true&host=h ",
        #"POST /v2/tasks/delete {"ids":["t1","t2"]}"#,
      ])
    await server.stop()
  }

  @Test func noMoreRequestsAtOnceThanAllowed() async throws {
    let counts = Locked((now: 0, most: 0, total: 0))
    let gate = AsyncSignal()
    let slow = HTTPServer { _ in
      let total = counts.withLock { counts in
        counts.now += 1
        counts.total += 1
        counts.most = max(counts.most, counts.now)
        return counts.total
      }
      // The first four wait for each other, so that four are there at once.
      if total == 4 { gate.fire() }
      if total <= 4 { try? await gate.wait() }
      counts.withLock { $0.now -= 1 }
      return .json(#"{"name":"marathon"}"#)
    }
    try slow.start()
    let limited = try MarathonClient(
      endpoints: ["http://127.0.0.1:\(slow.port)"], httpClient: HTTPClient(), limit: 4)
    try await withThrowingTaskGroup(of: Void.self) { group in
      for _ in 0..<40 { group.addTask { _ = try await limited.info() } }
      try await group.waitForAll()
    }
    #expect(counts.withLock { $0.most } == 4)
    #expect(counts.withLock { $0.total } == 40)
    await slow.stop()
    await server.stop()
  }

  @Test func aCancelledCallSaysSo() async throws {
    let hanging = HTTPServer { _ in
      try? await Task.sleep(for: .seconds(3600))
      return .text("late")
    }
    try hanging.start()
    let client = try MarathonClient(endpoints: ["http://127.0.0.1:\(hanging.port)"], httpClient: HTTPClient(), limit: 1)
    let codes = await withTaskGroup(of: MarathonError.Code?.self) { group in
      for _ in 0..<2 {
        group.addTask {
          do throws(MarathonError) {
            _ = try await client.info()
            return nil
          } catch {
            return error.code
          }
        }
      }
      for _ in 0..<2500 where hanging.requestsUnderWay == 0 { try? await Task.sleep(for: .milliseconds(2)) }
      #expect(hanging.requestsUnderWay == 1)
      group.cancelAll()
      return await group.reduce(into: []) { $0.append($1) }
    }
    #expect(codes == [.cancelled, .cancelled])
    await hanging.stop()
    await server.stop()
  }
}
