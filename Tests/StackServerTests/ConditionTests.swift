import HTTPTypes
import JSON
import StackServer
import Testing

/// `Idempotency-Key`, and entity tags of stacks.
@Suite struct ConditionTests {
  private func start(
    _ server: ServerFixture, _ body: String = #"{"stack": "simple"}"#, key: String, path: String = "/api/v1/runs"
  ) async throws -> ServerFixture.Answer {
    try await server.send(.post, path, body, fields: ["Idempotency-Key": key])
  }

  @Test func aKeyStandsForOneRunAlsoAfterARestart() async throws {
    try await withTemporaryFolder { folder async throws in
      for isSecond in [false, true] {
        try await ServerFixture.run(configure: { configuration in
          configuration.storage = .folder(folder)
          configuration.isOpen = true
        }) { server async throws in
          if !isSecond { #expect(try await server.add(simpleStack).status == 200) }
          let answer = try await start(server, key: "k-1")
          #expect(answer.status == 202)
          #expect(try answer.json()["id"] == 1)
          #expect(answer.fields["Location"] == "/api/v1/runs/1")
          #expect((answer.fields["Idempotency-Replayed"] == "true") == isSecond)
          // The order of members and blanks does not matter, what is asked for does.
          let same = try await start(server, #"{ "zone": null,"stack" : "simple" }"#, key: "k-1")
          #expect(try same.json()["id"] == 1)
          for (body, path) in [
            (#"{"stack": "simple", "prune": true}"#, "/api/v1/runs"), ("{}", "/api/v1/stacks/simple/down"),
          ] {
            let other = try await start(server, body, key: "k-1", path: path)
            #expect(other.status == 422)
            #expect(try other.json()["error"]?["code"] == "key_reused")
            #expect(other.text.contains("stands for run 1"))
          }
          guard isSecond else { return }
          // It stands for its run whatever has become of the stack.
          #expect(try await server.send(.delete, "/api/v1/stacks/simple").status == 200)
          #expect(try await start(server, key: "k-1").status == 202)
          #expect(try await start(server, key: "k-2").status == 404)
          #expect(try await server.send(.get, "/api/v1/runs").json()["runs"]?.arrayValue?.count == 1)
        }
      }
    }
  }

  @Test func keysAreCheckedAndBelongToUsers() async throws {
    try await ServerFixture.run(isOpen: false) { server async throws in
      func send(_ path: String, _ body: String, _ user: String, _ key: String, _ fields: HTTPFields) async throws
        -> ServerFixture.Answer
      {
        try await server.send(.post, path, body, user: user, key: key, fields: fields)
      }
      let admin = server.adminKey
      let john = try await send("/createuser", #"{"name":"john"}"#, "admin", admin, [:]).text
      let source = JSON.object(["stackfile": .string(simpleStack)]).text
      #expect(try await send("/createstack", source, "admin", admin, [:]).status == 200)
      for key in ["", "a b", String(repeating: "x", count: 256)] {
        let refused = try await send("/api/v1/runs", #"{"stack":"simple"}"#, "admin", admin, ["Idempotency-Key": key])
        #expect(refused.status == 400, "\(key)")
      }
      let fields: HTTPFields = ["Idempotency-Key": "k"]
      #expect(try await send("/api/v1/runs", #"{"stack":"simple"}"#, "admin", admin, fields).json()["id"] == 1)
      #expect(try await send("/api/v1/runs", #"{"stack":"simple"}"#, "john", john, fields).json()["id"] == 2)
      // The original's call takes it as well, and waits for the run that is there.
      for isSecond in [false, true] {
        let answer = try await send("/run", #"{"name":"simple"}"#, "john", john, ["Idempotency-Key": "r"])
        #expect(answer.status == 200)
        #expect(answer.fields["Idempotency-Replayed"] == (isSecond ? "true" : nil))
      }
      let runs = try await server.send(.get, "/api/v1/runs", user: "admin", key: admin)
      #expect(try runs.json()["runs"]?.arrayValue?.count == 3)
    }
  }

  /// Also of a run that has failed: the answer is that run's, and not a new one's.
  @Test func theEndOfAFailedRunIsToldAsReplayed() async throws {
    try await ServerFixture.run { server async throws in
      let hook = simpleStack.replacing("    type: service", with: "    before_scheduler: [exit 3]\n    type: service")
      #expect(try await server.add(hook).status == 200)
      for isSecond in [false, true] {
        let answer = try await start(server, #"{"name": "simple"}"#, key: "k", path: "/run")
        #expect(answer.status == 422)
        #expect(answer.text == "a: exit status 3\n")
        #expect(answer.fields["Idempotency-Replayed"] == (isSecond ? "true" : nil))
      }
      #expect(try await server.send(.get, "/api/v1/runs").json()["runs"]?.arrayValue?.count == 1)
    }
  }

  private func put(_ server: ServerFixture, _ source: String, _ fields: HTTPFields) async throws -> ServerFixture.Answer
  {
    try await server.send(
      .post, "/api/v1/stacks", JSON.object(["source": .string(source), "replace": true]).text, fields: fields)
  }

  @Test func changesCanDependOnWhatWasSeen() async throws {
    try await ServerFixture.run { server async throws in
      let first = try await put(server, "name: t\n", ["If-None-Match": "*"])
      #expect(first.status == 201)
      let tag = try #require(first.fields["ETag"])
      #expect(tag.hasPrefix("\"1-") && tag.hasSuffix("\""))
      let taken = try await put(server, "name: t\n", ["If-None-Match": "*"])
      #expect(taken.status == 412)
      #expect(try taken.json()["error"]?["code"] == "precondition_failed")
      #expect(try await put(server, "name: u\n", ["If-Match": "*"]).status == 412)

      let second = try await put(server, "name: t\n# two\n", ["If-Match": tag])
      #expect(second.status == 201)
      let lost = try await put(server, "name: t\n# three\n", ["If-Match": tag])
      #expect(lost.status == 412)
      #expect(lost.text.contains("it has revision 2"))
      #expect(try await server.send(.delete, "/api/v1/stacks/t", fields: ["If-Match": tag]).status == 412)
      #expect(try await put(server, "name: t\n", ["If-Match": tag, "If-None-Match": "*"]).status == 400)
      #expect(try await put(server, "name: t\n", ["If-None-Match": tag]).status == 400)

      // A merged stack's tag names the revision that was merged as well.
      #expect(try await put(server, "name: child\nfrom: t\n", [:]).status == 201)
      let merged = try #require(try await server.send(.get, "/api/v1/stacks/child?merged=true").fields["ETag"])
      #expect(try await server.send(.get, "/api/v1/stacks/child").fields["ETag"] != merged)
      #expect(try await put(server, "name: child\nfrom: t\n# 2\n", ["If-Match": merged]).status == 201)

      let current = try #require(second.fields["ETag"])
      let removed = try await server.send(
        .delete, "/api/v1/stacks/t?force=true", fields: ["If-Match": "W/\(current), \"x\""])
      #expect(removed.status == 200)
      // A later stack of the same name is another one, though its revision is 1 again.
      #expect(try await put(server, "name: t\n# reborn\n", [:]).fields["ETag"] != tag)
    }
  }

  @Test func unchangedStacksAreNotSentAgain() async throws {
    try await ServerFixture.run { server async throws in
      #expect(try await put(server, "name: p\n", [:]).status == 201)
      #expect(try await put(server, "name: c\nfrom: p\n", [:]).status == 201)
      for path in ["/api/v1/stacks/c", "/api/v1/stacks/c?merged=true"] {
        let tag = try #require(try await server.send(.get, path).fields["ETag"])
        for known in [tag, "W/\(tag)", "\"other\", \(tag)", "*"] {
          let unchanged = try await server.send(.get, path, fields: ["If-None-Match": known])
          #expect(unchanged.status == 304 && unchanged.text.isEmpty, "\(known)")
          #expect(unchanged.fields["ETag"] == tag)
        }
        #expect(try await server.send(.get, path, fields: ["If-None-Match": "\"other\""]).status == 200)
      }
      // The parent's change changes the merged stack, not the child.
      let plain = try #require(try await server.send(.get, "/api/v1/stacks/c").fields["ETag"])
      let merged = try #require(try await server.send(.get, "/api/v1/stacks/c?merged=true").fields["ETag"])
      let changed = simpleStack.replacing("name: simple", with: "name: p")
      #expect(try await put(server, changed, [:]).status == 201)
      #expect(try await server.send(.get, "/api/v1/stacks/c", fields: ["If-None-Match": plain]).status == 304)
      let later = try await server.send(.get, "/api/v1/stacks/c?merged=true", fields: ["If-None-Match": merged])
      #expect(later.status == 200)
    }
  }
}
