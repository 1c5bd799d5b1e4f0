import HTTPTypes
import JSON
import StackServer
import Testing

/// What a server answers while its bootstrap stack comes up.
@Suite struct BootstrapTests {
  private static let stack = BootstrapStack(source: simpleStack, file: "boot.yaml")

  @Test func allButTheRunIsRefusedWithWhatItWaitsFor() async throws {
    try await ServerFixture.run(configure: { $0.bootstrap = Self.stack }, stuck: ["/a"]) { server in
      try await eventually { try await server.send(.get, "/api/v1/runs/1").text.contains("instance run") }
      for (method, path) in [
        (HTTPMethod.get, "/list"), (.post, "/run"), (.get, "/scheduled"), (.get, "/api/v1/stacks"),
        (.get, "/api/v1/runs"), (.get, "/api/v1"), (.get, "/api/v1/users"), (.post, "/createuser"),
        (.get, "/api/v1/runs/2"), (.get, "/api/v1/runs/2/events"), (.post, "/api/v1/runs/2/cancel"),
      ] {
        let answer = try await server.send(method, path, method == .post ? #"{"name":"simple"}"# : nil)
        #expect(answer.status == 503, "\(path): \(answer)")
        #expect(answer.fields["Retry-After"] == "5", "\(path): \(answer)")
        #expect(answer.text.contains("as soon as run 1 has brought its bootstrap stack up: a: "), "\(answer)")
      }
      for path in ["/health", "/metrics", "/api/v1/runs/1/events", "/api/v1/runs/1/logs"] {
        #expect(try await server.send(.get, path).status == 200, "\(path)")
      }
      server.marathon.letGo("/a")
      try await eventually { try await server.send(.get, "/list").status == 200 }
    }
  }

  @Test func aCancelledRunEndsTheServer() async throws {
    let error = try await #require(throws: BootstrapError.self) {
      try await ServerFixture.run(configure: { $0.bootstrap = Self.stack }, stuck: ["/a"]) { server in
        let answer = try await server.send(.post, "/api/v1/runs/1/cancel")
        #expect(answer.status == 202)
        // Until it is gone.
        while (try? await server.send(.get, "/health")) != nil {}
      }
    }
    #expect(error.code == .failed)
    #expect(error.description == "the bootstrap stack simple is not up: run 1 was cancelled")
  }

  /// Nothing is kept: what runs already under the stack's ids is taken over.
  @Test func aServerThatKeepsNothingBringsItUpAgain() async throws {
    try await ServerFixture.run(configure: { $0.bootstrap = Self.stack }) { first in
      try await eventually { try await first.send(.get, "/list").status == 200 }
      let url = first.marathon.url
      try await ServerFixture.run(configure: { configuration in
        configuration.bootstrap = Self.stack
        configuration.marathon = [url]
      }) { second in
        try await eventually { try await second.send(.get, "/list").status == 200 }
        #expect(try await second.send(.get, "/api/v1/runs/1").text.contains("adopted"))
      }
    }
  }
}
