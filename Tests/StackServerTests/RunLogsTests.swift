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

  @Test func theTasksOfWhatScriptsWorkOnAreThere() async throws {
    try await ServerFixture.run { server in
      let hook =
        "after_scheduler: [{lua: \"marathon.deploy({id = 'helper', cmd = 'sleep 9', cpus = 0.1, mem = 16})\"}]"
      let run = try await start(
        server, simpleStack.replacing("launch_command", with: "\(hook)\n    launch_command"))
      try await eventually { try await self.isOver(server, run) }
      let path = APIRoute.runLogs.path(run)
      let all = try await server.send(.get, path).text
      #expect(all.contains("The log of task a.task lies on 127.0.0.1"), "\(all)")
      #expect(all.contains("The log of task helper.task lies on 127.0.0.1"), "\(all)")
      for name in ["helper", "/helper"] {
        let one = try await server.send(.get, path + "?application=\(name)").text
        #expect(one.contains("helper.task") && !one.contains("a.task"), "\(one)")
      }
      let other = try await server.send(.get, path + "?application=b")
      #expect(other.status == 404)
      #expect(other.text.contains("run \(run) has no application b; it has a, /helper"), "\(other.text)")
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

  // MARK: In pieces, for those who come back

  /// What a follower with these positions gets until `isEnough`, or to the stream's end.
  private func follow(
    _ server: ServerFixture, _ run: String, _ positions: [String: Int],
    until isEnough: ([APILogPiece]) -> Bool = { _ in false }
  ) async throws -> (pieces: [APILogPiece], hasEnded: Bool) {
    let body = try JSON(encoding: APILogRequest(positions: positions)).bytes
    let response = try await server.client.send(
      HTTPClientRequest(.post, url: server.server.url + APIRoute.followLogs.path(run), body: body))
    #expect(response.status == 200)
    #expect(response.fields["Content-Type"] == "text/event-stream")
    var decoder = ServerSentEventDecoder()
    var pieces: [APILogPiece] = []
    for try await bytes in response.body {
      for message in try decoder.feed(bytes) {
        if message.event == APILogPiece.endEventName { return (pieces, true) }
        pieces.append(try JSON(parsing: message.data ?? "").decode(APILogPiece.self))
      }
      if isEnough(pieces) { break }
    }
    return (pieces, false)
  }

  @Test func whoComesBackGetsWhatIsMissing() async throws {
    try await withTemporaryFolder { folder in
      try await ServerFixture.run { server in
        let wait = { (file: String) in "while [ ! -e \(folder)/\(file) ]; do sleep 0.02; done" }
        let hook = "echo one; echo problem >&2; \(wait("go")); printf '€'; \(wait("end")); exit 1"
        let source = simpleStack.replacing(
          "launch_command", with: "before_scheduler: [\"\(hook)\"]\n    launch_command")
        let run = try await start(server, source)
        let first = try await follow(server, run, [:]) { $0.count == 2 }
        #expect(first.pieces.map(\.text) == ["one\n", "problem\n"])
        #expect(
          first.pieces.map(\.heading) == ["a hook before_scheduler/1 stdout", "a hook before_scheduler/1 stderr"])
        #expect(first.pieces.map(\.next) == [4, 8])
        close(creat("\(folder)/go", 0o600))

        var positions = Dictionary(first.pieces.map { ($0.source, $0.next) }) { $1 }
        let second = try await follow(server, run, positions) { $0.count == 1 }
        let more = APILogPiece(source: first.pieces[0].source, heading: first.pieces[0].heading, text: "€", next: 7)
        #expect(second.pieces == [more])
        close(creat("\(folder)/end", 0o600))

        positions[more.source] = more.next
        let third = try await follow(server, run, positions)
        #expect(third.pieces.isEmpty && third.hasEnded, "\(third)")
      }
    }
  }

  @Test func aTaskThatCameJustBeforeTheEndIsSeen() async throws {
    try await withTemporaryFolder { folder in
      try await ServerFixture.run { server in
        let hook = "echo one; while [ ! -e \(folder)/go ]; do sleep 0.02; done"
        let run = try await start(
          server, simpleStack.replacing("launch_command", with: "before_scheduler: [\"\(hook)\"]\n    launch_command"))
        let log = try await follow(server, run, [:]) { pieces in
          if pieces.count == 1 { close(creat("\(folder)/go", 0o600)) }
          return pieces.contains { $0.text.hasPrefix("The log of task a.task lies on ") }
        }
        #expect(log.pieces.first?.text == "one\n")
        #expect(!log.hasEnded)
      }
    }
  }

  @Test func endsAndSentencesAreNotRepeated() async throws {
    try await ServerFixture.run { server in
      let source = simpleStack.replacing(
        "launch_command", with: "after_scheduler: ['echo one']\n    launch_command")
      let run = try await start(server, source)
      try await eventually { try await self.isOver(server, run) }
      let first = try await follow(server, run, [:]) { $0.count == 2 }
      #expect(first.pieces.contains { $0.heading == nil && $0.text.hasPrefix("The log of task a.task lies on ") })
      #expect(first.pieces.contains { $0.text == "one\n" })
      server.marathon.state.withLock { $0.apps["/a"] = nil }
      let second = try await follow(server, run, Dictionary(first.pieces.map { ($0.source, $0.next) }) { $1 })
      #expect(second.pieces.isEmpty && second.hasEnded, "\(second)")
    }
  }

  /// That nothing more will be written is only known of a cluster that answers.
  @Test func aClusterThatDoesNotAnswerDoesNotEndAStream() async throws {
    try await ServerFixture.run { server in
      let run = try await start(server, simpleStack)
      try await eventually { try await self.isOver(server, run) }
      server.marathon.state.withLock { state in
        state.apps["/a"] = nil
        state.answer = (503, "away")
      }
      try await withThrowingTaskGroup(of: Bool.self) { group in
        group.addTask { try await self.follow(server, run, [:]).hasEnded }
        group.addTask {
          try await Task.sleep(for: .seconds(1))
          return false
        }
        let early = try await group.next()
        #expect(early == false, "it has ended while the cluster was away")
        server.marathon.state.withLock { $0.answer = nil }
        let hasEnded = try await group.next()
        #expect(hasEnded == true)
      }
    }
  }

  @Test func positionsAreChecked() async throws {
    try await ServerFixture.run { server in
      let run = try await start(server, simpleStack)
      let path = APIRoute.followLogs.path(run)
      #expect(try await server.post(path, ["positions": ["x": -1]]).status == 400)
      #expect(try await server.post(path, ["stream": "odd"]).status == 400)
      #expect(try await server.post(path, ["application": "b"]).status == 404)
      #expect(try await server.post(APIRoute.followLogs.path("99"), [:]).status == 404)
    }
  }
}
