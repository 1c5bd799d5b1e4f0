import Concurrency
import Glibc
import HTTPClient
import HTTPTypes
import JSON
import StackAPI
import StackServer
import Testing

@Suite struct RunLogsTests {
  private func start(_ server: ServerFixture, _ source: String) async throws -> String {
    #expect(try await server.add(source).status == 200)
    let accepted = try await server.post(APIRoute.startRun.path(), ["stack": "simple"])
    return try "\(accepted.json().decode(APIRunAccepted.self).id)"
  }

  private func isOver(_ server: ServerFixture, _ run: String) async throws -> Bool {
    try await server.send(.get, APIRoute.showRun.path(run)).json().decode(APIRunStatus.self).run.isFinal
  }

  @Test func theLogsOfAnotherClusterAreNamed() async throws {
    try await ServerFixture.run { server in
      let run = try await start(server, simpleStack)
      try await eventually { try await self.isOver(server, run) }
      let path = APIRoute.runLogs.path(run)
      let logs = try await server.send(.get, path)
      #expect(logs.text.contains("The log of task a.task lies on 127.0.0.1"))
      #expect(try await server.send(.get, path + "?application=b").status == 404)
      #expect(try await server.send(.get, path + "?stream=odd").status == 400)
    }
  }

  @Test func aLongLogComesWholeAndWithItsCharacters() async throws {
    try await ServerFixture.run(configure: { $0.embeddedCluster = $0.marathon[0] }) { server in
      let run = try await start(server, simpleStack)
      try await eventually { try await self.isOver(server, run) }
      // Characters of three bytes: pieces of a power of two end within one.
      let text = String(repeating: "€", count: 300_000) + "\nend"
      server.marathon.state.withLock { state in
        state.files["/tasks/a.task/stdout"] = Array(text.utf8)
        state.files["/tasks/a.task/stderr"] = Array("a problem\n".utf8)
      }
      let path = APIRoute.runLogs.path(run)
      let logs = try await server.send(.get, path)
      #expect(logs.text == "==> a.task stdout <==\n\(text)\n\n==> a.task stderr <==\na problem\n")
      #expect(try await server.send(.get, path + "?stream=stderr").text == "==> a.task stderr <==\na problem\n")
    }
  }

  @Test func hooksAreFollowedWhileTheyRun() async throws {
    try await withTemporaryFolder { folder in
      try await ServerFixture.run { server in
        let hook = "echo one; while [ ! -e \(folder)/go ]; do sleep 0.02; done; echo two >&2; exit 1"
        let source = simpleStack.replacing(
          "launch_command", with: "before_scheduler: ['\(hook)']\n    launch_command")
        let run = try await start(server, source)
        let response = try await server.client.send(
          HTTPClientRequest(.get, url: server.server.url + APIRoute.runLogs.path(run) + "?follow=true"))
        var text = ""
        for try await piece in response.body {
          text += String(decoding: piece, as: UTF8.self)
          if text.hasSuffix("one\n") { close(creat("\(folder)/go", 0o600)) }
        }
        // It ends by itself: the run is over, and nothing is on the cluster.
        #expect(text.hasPrefix("==> a hook before_scheduler/1 stdout <==\none\n"))
        #expect(text.contains("two\n"))
      }
    }
  }

  @Test func whatHooksWroteStaysWithTheRun() async throws {
    for end in [0, 3] {
      try await ServerFixture.run(configure: { $0.embeddedCluster = $0.marathon[0] }) { server in
        let source = simpleStack.replacing(
          "launch_command", with: "after_scheduler: ['echo one; echo two >&2; exit \(end)']\n    launch_command")
        let run = try await start(server, source)
        try await eventually { try await self.isOver(server, run) }
        let path = APIRoute.runLogs.path(run)
        let expected = "==> a hook after_scheduler (the end of what it wrote) <==\none\ntwo\n"
        #expect(try await server.send(.get, path).text.contains(expected))
        #expect(try await server.send(.get, path + "?application=a&follow=false").text.contains(expected))
        #expect(try await server.send(.get, path + "?stream=stderr").text.contains(expected))
      }
    }
  }
}
