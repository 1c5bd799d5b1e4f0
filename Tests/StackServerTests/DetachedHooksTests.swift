import Engine
import Glibc
import StackServer
import Testing

@Suite struct DetachedHooksTests {
  private func withHooks(_ body: (DetachedHooks, _ root: String) async throws -> Void) async throws {
    try await withTemporaryFolder { folder in
      let root = "\(folder)/hooks"
      try await body(DetachedHooks(root: root, environment: ["PATH": "/usr/bin:/bin", "GREETING": "hello"]), root)
    }
  }

  private func job(_ script: String, key: String = "7/web/before_scheduler/1") -> HookJob {
    HookJob(key: HookKey(text: key), script: script, title: "web before_scheduler")
  }

  @Test func hooksRunOnceAndTellTheirEnd() async throws {
    try await withHooks { hooks, root in
      let job = job("echo $GREETING; echo problem >&2; exit 3")
      #expect(await hooks.state(of: job.key) == .absent)
      try await hooks.start(job)
      let result = try await hooks.wait(for: job.key)
      #expect(result == HookResult(status: .exited(3), outputTail: "hello\nproblem\n"))
      // The key has been used: starting it again takes up what there is, also by the next server.
      let next = DetachedHooks(root: root, environment: [:])
      try await next.start(self.job("exit 0"))
      #expect(await next.state(of: job.key) == .finished(result))
      await next.forget(job.key)
      #expect(await next.state(of: job.key) == .absent)
    }
  }

  @Test func hooksOutliveTheirExecutorAndCanBeCancelled() async throws {
    try await withHooks { hooks, root in
      let job = job("sleep 3600 & sleep 3600")
      try await hooks.start(job)
      #expect(await hooks.state(of: job.key) == .running)
      let next = DetachedHooks(root: root, environment: [:])
      #expect(await next.state(of: job.key) == .running)
      await next.cancel(job.key)
      #expect(try await next.wait(for: job.key).status == .cancelled)
      #expect(try await hooks.wait(for: job.key).status == .cancelled)
    }
  }

  @Test func outputsAreKeptApartAndTheirEndsAreGiven() async throws {
    try await withHooks { hooks, _ in
      let job = HookJob(
        key: HookKey(text: "7/web/after_task/1/call-2-0"),
        script: "echo $GREETING $OTHER; seq 1 20000; echo problem >&2", title: "t",
        environment: ["GREETING": "hi", "OTHER": "x y"])
      try await hooks.start(job)
      #expect(try await hooks.wait(for: job.key).status == .exited(0))
      let output = await hooks.output(of: job.key, limit: 64 << 10)
      #expect(output.error == "problem\n")
      #expect(output.output.utf8.count <= 64 << 10)
      #expect(output.output.hasSuffix("19999\n20000\n"))
      let all = await hooks.output(of: job.key, limit: 1 << 20)
      #expect(all.output.hasPrefix("hi x y\n1\n2\n"))
      #expect(await hooks.output(of: HookKey(text: "7/none/1"), limit: 100) == HookOutput(output: "", error: ""))
    }
  }

  @Test(.enabled(if: geteuid() == 0, "only root can run hooks as another user"))
  func anotherUserCannotReadWhatTheServerKeeps() async throws {
    try await withTemporaryFolder { folder in
      let hooks = DetachedHooks(
        root: "\(folder)/hooks", environment: ["PATH": "/usr/bin:/bin", "HOME": "/root"], user: try HookUser("nobody"))
      let job = job("id -un; pwd; echo $HOME $USER $0; cat \(folder)/hooks/7/web/before_scheduler/1/script.sh; exit 4")
      try await hooks.start(job)
      #expect(try await hooks.wait(for: job.key).status == .exited(4))
      let output = await hooks.output(of: job.key, limit: 1000)
      #expect(output.output == "nobody\n/\n/nonexistent nobody hook\n")
      #expect(output.error.contains("Permission denied"))
    }
  }

  @Test func usersThatCannotRunHooksAreRefusedAtTheStart() {
    for name in ["root", "no-such-user", ""] { #expect(throws: ServerStartError.self) { try HookUser(name) } }
  }

  @Test func keysCannotLeaveTheirFolder() async throws {
    try await withHooks { hooks, _ in
      let odd = job("echo in", key: "7/../../x/1")
      try await hooks.start(odd)
      #expect(try await hooks.wait(for: odd.key).outputTail == "in\n")
      await hooks.forget(odd.key)
    }
  }
}
