import Concurrency
import HTTPTypes
import JSON
import StackServer
import Testing

/// Answers as recorded from the original, where it succeeded; fitting statuses where it failed.
@Suite struct OriginalAPITests {
  @Test func stacksAreAddedShownListedAndRemoved() async throws {
    try await ServerFixture.run { server in
      let added = try await server.add(simpleStack)
      #expect(added.status == 200)
      #expect(added.text == "")
      #expect(added.fields["Content-Type"] == nil)

      let again = try await server.add(simpleStack)
      #expect(again.status == 409)
      #expect(again.text == "Stack simple already exists\n")
      #expect(again.fields["Content-Type"] == "text/plain; charset=utf-8")
      #expect(again.fields["X-Content-Type-Options"] == "nosniff")

      let shown = try await server.post("/get", ["name": "simple"])
      #expect(shown.status == 200)
      #expect(shown.fields["Content-Type"] == "text/plain; charset=utf-8")
      #expect(
        shown.text == """
          name: simple
          applications:
            a:
              type: service
              id: a
              cpu: 0.1
              mem: 16
              launch_command: sleep 1

          """)

      #expect(try await server.add("name: \"y\"\n").status == 200)
      #expect(try await server.add("name: B\n").status == 200)
      // Any method, any content type, whatever the body.
      for method in [HTTPMethod.get, .post, .put, "BREW"] {
        let list = try await server.send(method, "/list", method == .get ? nil : "[}")
        #expect(list.text == "- B\n- simple\n- \"y\"\n")
      }

      #expect(try await server.post("/removestack", ["name": "simple"]).status == 200)
      let gone = try await server.post("/removestack", ["name": "simple"])
      #expect(gone.status == 404)
      #expect(gone.text == "Stack simple does not exist\n")
      let missing = try await server.post("/get", ["name": "simple"])
      #expect(missing.status == 404)
      #expect(missing.text == "Stack does not exist\n")
    }
  }

  @Test func bodiesAreReadAsTheOriginalReadsThem() async throws {
    try await ServerFixture.run { server in
      #expect(
        try await server.send(.post, "/createstack", #"{"StackFile":"name: upper\n","x":1} trailing"#).status == 200)
      #expect(
        try await server.send(.post, "/createstack", #"{"stackfile":5}"#).text.hasPrefix(
          "json: cannot unmarshal number"))
      #expect(try await server.send(.post, "/createstack", "").status == 400)
      #expect(try await server.send(.post, "/createstack", "x").status == 400)
      for body in ["null", "", "[]", "{}", #"{"name":5}"#, #"{"name":""}"#, "x"] {
        for path in ["/get", "/run", "/removestack"] {
          let answer = try await server.send(.post, path, body)
          #expect(answer.status == 400, "\(path) \(body)")
          #expect(answer.text == "Stack name required\n", "\(path) \(body)")
        }
      }
    }
  }

  @Test func sourcesWithMistakesAreRefusedWhole() async throws {
    try await ServerFixture.run { server in
      let answer = try await server.add("name: [a]\n")
      #expect(answer.status == 422)
      #expect(answer.text == "yaml: unmarshal errors:\n  line 1: cannot unmarshal !!seq into string\n")
      #expect(try await server.post("/list", [:]).text == "[]\n")
    }
  }

  @Test func childrenKeepTheirParent() async throws {
    try await ServerFixture.run { server in
      for source in [simpleStack, "name: c1\nfrom: simple\n", "name: c2\nfrom: c1\n"] {
        #expect(try await server.add(source).status == 200)
      }
      let refused = try await server.post("/removestack", ["name": "simple"])
      #expect(refused.status == 409)
      #expect(
        refused.text
          == "There are stacks depending on simple. Either remove them first or force deletion. Dependant stacks:\nc1\n"
      )
      #expect(try await server.post("/get", ["name": "c2"]).text.contains("launch_command: sleep 1"))
      #expect(try await server.post("/removestack", ["name": "simple", "force": true]).status == 200)
      #expect(try await server.post("/list", [:]).text == "[]\n")
    }
  }

  @Test func aLastingStoreTakesNoStackWithoutAName() async throws {
    try await withTemporaryFolder { folder in
      try await ServerFixture.run(configure: { $0.storage = .folder(folder) }) { server in
        let answer = try await server.add("applications: {}\n")
        #expect(answer.status == 422)
        #expect(answer.text == "the stack has no name: without one it can be neither shown nor run\n")
        #expect(try await server.add("name: c\nfrom: nope\n").text == "Parent stack nope does not exist\n")
      }
    }
    try await ServerFixture.run { server async throws in
      #expect(try await server.add("").status == 200)
      #expect(try await server.post("/list", [:]).text == "- \"\"\n")
    }
  }

  @Test func aMergedLayerKeepsItsOwnLevel() async throws {
    try await ServerFixture.run { server async throws in
      for (name, level, parent) in [("d", "datacenter", ""), ("c", "cluster", "d"), ("z", "zone", "c")] {
        let body: JSON = [
          "stackfile": .string("name: \(name)\n"), "layer": .string(level), "parent": .string(parent),
        ]
        #expect(try await server.post("/createlayer", body).status == 200)
      }
      #expect(try await server.post("/get", ["name": "z"]).text == "name: z\n")
      #expect(try await server.post("/get", ["name": "c"]).text == "name: c\nlayer: 1\n")
      #expect(try await server.post("/get", ["name": "d"]).text == "name: d\nlayer: 2\n")
    }
  }

  @Test func layersHaveALevel() async throws {
    try await ServerFixture.run { server in
      let body: JSON = ["stackfile": "name: z\n", "layer": "zone", "parent": "c"]
      #expect(try await server.post("/createlayer", body).status == 200)
      let wrong = try await server.post("/createlayer", ["stackfile": "name: y\n", "layer": "Zone"])
      #expect(wrong.status == 400)
      #expect(wrong.text == "Invalid layer: Zone\n")
    }
  }

  @Test func schedulesAreNone() async throws {
    try await ServerFixture.run { server in
      let list = try await server.send(.post, "/scheduled", "{}")
      #expect(list.text == "[]")
      #expect(list.fields["Content-Type"] == "text/plain; charset=utf-8")
      let deleted = try await server.send(.post, "/scheduled/delete", #"{"id": 5}"#)
      #expect(deleted.status == 404)
      #expect(deleted.text == "Task 5 not found")
      #expect(try await server.send(.post, "/scheduled/delete", #"{"id":"5"}"#).status == 400)
    }
  }

  @Test func pathsAreExact() async throws {
    try await ServerFixture.run { server in
      let health = try await server.send(.post, "/health")
      #expect(health.status == 200 && health.text == "")
      let redirect = try await server.send(.get, "//list")
      #expect(redirect.status == 301)
      #expect(redirect.fields["Location"] == "/list")
      #expect(redirect.text == "<a href=\"/list\">Moved Permanently</a>.\n\n")
      let posted = try await server.send(.post, "//list", "{}")
      #expect(posted.status == 301 && posted.text == "" && posted.fields["Content-Type"] == nil)
      for path in ["/", "/list/", "/nothing", "/List"] {
        let answer = try await server.send(.get, path)
        #expect(answer.status == 404, "\(path)")
        #expect(answer.text == "404 page not found\n", "\(path)")
      }
    }
  }

  @Test func runsBlockUntilTheyAreOver() async throws {
    try await ServerFixture.run { server in
      #expect(try await server.add(simpleStack).status == 200)
      let run = try await server.post("/run", ["name": "simple", "maxwait": 20])
      #expect(run.status == 200, "\(run.text)")
      #expect(run.text == "")
      #expect(server.marathon.state.withLock { $0.apps["/a"]?["cmd"] } == "sleep 1")
      // Again: nothing has changed, so nothing is done.
      #expect(try await server.post("/run", ["name": "simple"]).status == 200)
      let missing = try await server.post("/run", ["name": "missing"])
      #expect(missing.status == 404)
      #expect(missing.text == "Stack does not exist\n")
    }
  }

  @Test func aFailedRunIsToldInTheOriginalsWords() async throws {
    try await ServerFixture.run { server in
      #expect(
        try await server.add(
          simpleStack.replacing("launch_command", with: "before_scheduler: [exit 3]\n    launch_command")
        ).status == 200)
      let run = try await server.post("/run", ["name": "simple"])
      #expect(run.status == 422)
      #expect(run.text == "a: exit status 3\n")
    }
  }

  @Test(arguments: [
    (
      400, #"{"message":"Invalid JSON","details":[{"path":"/cpus","errors":["e1","e2"]}]}"#,
      "a: Marathon API error: Invalid JSON (path: '/cpus' errors: e1, e2)\n"
    ),
    (401, #"{"message":"Invalid username or password."}"#, "a: Marathon API error: Invalid username or password.\n"),
    (
      409, #"{"message":"App is locked by one or more deployments.","deployments":[{"id":"d1"},{"id":"d2"}]}"#,
      "a: Marathon API error: App is locked by one or more deployments. (locking deployment IDs: d1, d2)\n"
    ),
    (
      422, #"{"message":"Bean is not valid","errors":[{"attribute":"x","error":"y"}]}"#,
      "a: Marathon API error: Bean is not valid (attribute 'x': y)\n"
    ),
    (500, #"{"message":"boom"}"#, "a: Marathon API error: boom\n"),
    (201, "created", "a: invalid response from Marathon\n"),
  ])
  func whatMarathonRefusesIsToldInTheOriginalsWords(status: Int, body: String, text: String) async throws {
    try await ServerFixture.run { server in
      server.marathon.state.withLock { $0.creation = (status, body) }
      #expect(try await server.add(simpleStack).status == 200)
      let run = try await server.post("/run", ["name": "simple", "maxwait": 0])
      #expect(run.status == 502)
      #expect(run.text == text)
    }
  }

  @Test(arguments: [(418, "{}"), (503, "<html>Service Unavailable</html>")])
  func whatIsNotMarathonsAnswerIsShown(status: Int, body: String) async throws {
    try await ServerFixture.run { server in
      server.marathon.state.withLock { $0.creation = (status, body) }
      #expect(try await server.add(simpleStack).status == 200)
      let run = try await server.post("/run", ["name": "simple", "maxwait": 0])
      #expect(run.status == 502)
      #expect(run.text.contains("begins with: \(body)"))
    }
  }

  @Test func whatIsNotHealthyInTimeIsToldInTheOriginalsWords() async throws {
    try await ServerFixture.run { server in
      server.marathon.state.withLock { _ = $0.stuck.insert("/a") }
      #expect(try await server.add(simpleStack).status == 200)
      let run = try await server.post("/run", ["name": "simple", "maxwait": 0])
      #expect(run.status == 504)
      #expect(run.text == "a: Failed to await until the task is running and healthy within 0 retries\n")
    }
  }

  @Test func aRunThatGetsNoLockIsAConflict() async throws {
    try await ServerFixture.run(configure: { $0.defaults.lockWait = .milliseconds(20) }) { server in
      server.marathon.state.withLock { _ = $0.stuck.insert("/a") }
      #expect(try await server.add(simpleStack).status == 200)
      async let first = server.post("/run", ["name": "simple"])
      try await eventually { server.marathon.state.withLock { $0.apps["/a"] != nil } }
      let second = try await server.post("/run", ["name": "simple"])
      #expect(second.status == 409)
      #expect(second.text.contains("run 1"))
      #expect(try await server.send(.post, "/api/v1/runs/1/cancel").status == 202)
      _ = try await first
    }
  }

  @Test func aCancelledRunIsToldToItsCaller() async throws {
    try await ServerFixture.run { server in
      server.marathon.state.withLock { _ = $0.stuck.insert("/a") }
      #expect(try await server.add(simpleStack).status == 200)
      async let run = server.post("/run", ["name": "simple"])
      try await eventually { server.marathon.state.withLock { $0.apps["/a"] != nil } }
      #expect(try await server.send(.post, "/api/v1/runs/1/cancel").status == 202)
      let answer = try await run
      #expect(answer.status == 409)
      #expect(answer.text == "run 1 was cancelled\n")
    }
  }
}
