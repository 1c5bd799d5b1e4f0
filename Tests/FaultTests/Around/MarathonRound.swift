import Concurrency
import Glibc
import StackAPI
import StackClient
import TestFolders

/// Two applications are launched, one of them is updated, both are taken down, through a proxy to Marathon.
struct MarathonRound: Sendable {
  let name: String
  let cluster: ClusterProcess
  let title: String

  func yaml(cpu: String, tasks: String = "/dev/null") -> String {
    func command(_ id: String) -> String {
      let file = tasks == "/dev/null" ? tasks : "\(tasks)/\(id)"
      return "'echo $$ >> \(file); exec sleep 600'"
    }
    return """
      name: \(name)
      applications:
        one:
          type: service
          id: \(name)-one
          cpu: 0.1
          mem: 16
          launch_command: \(command("one"))
        two:
          type: service
          id: \(name)-two
          cpu: \(cpu)
          mem: 16
          launch_command: \(command("two"))
          dependencies: [\(name)-one]
      """
  }

  /// - Parameter mayFail: whether a run may fail once, for what was injected.
  func play(_ proxy: MarathonProxy, mayFail: Bool) async throws {
    let folder = try TemporaryFolder()
    mkdir(folder.file("tasks"), 0o700)
    try await InProcessServer.with(marathon: proxy.url, cluster: cluster) { client in
      var failures = mayFail ? 1 : 0
      func end(_ what: String, _ start: () async throws -> Int64) async throws {
        while true {
          let status = try await settled(client, try await start())
          if status.run.state == "succeeded" { return }
          guard failures > 0, status.run.state == "failed", status.run.error?.contains("injected") == true else {
            throw KillFailure("\(what) \(status.run.state): \(status.run.error ?? "")")
          }
          failures -= 1
          proxy.set([])
        }
      }
      _ = try await client.add(APIStackAddition(source: yaml(cpu: "0.1", tasks: folder.file("tasks"))))
      try await end("run") { try await client.start(APIRunRequest(stack: name)) }
      try await expect(folder, starts: ["one": 1, "two": 1])
      _ = try await client.add(
        APIStackAddition(source: yaml(cpu: "0.2", tasks: folder.file("tasks")), replace: true))
      try await end("update") { try await client.start(APIRunRequest(stack: name)) }
      try await expect(folder, starts: ["one": 1, "two": 2])
      try await end("down") { try await client.down(name, APIDownRequest()) }
      let left = try await cluster.applications(name)
      guard left.isEmpty else { throw KillFailure("still on the cluster: \(left)") }
      for id in ["one", "two"] {
        for task in tasks(folder, id) where kill(task, 0) == 0 { throw KillFailure("a task of \(id) runs after down") }
      }
    }
  }

  private func tasks(_ folder: TemporaryFolder, _ id: String) -> [Int32] {
    folder.read("tasks/\(id)").split(separator: "\n").compactMap { Int32($0) }
  }

  /// How often tasks were started so far, each time one of them.
  private func expect(_ folder: TemporaryFolder, starts: [String: Int]) async throws {
    for (id, count) in starts {
      // A task runs for the cluster a moment before its shell has written its number.
      for _ in 0..<400 where tasks(folder, id).count < count { try await Task.sleep(for: .milliseconds(5)) }
      let found = tasks(folder, id).count
      guard found == count else { throw KillFailure("\(id) was started \(found) times, not \(count)") }
    }
  }

  /// All that a run tells of itself.
  func story(_ client: StackClient, _ run: Int64) async throws -> String {
    let events = try await client.events(of: run, after: 0).events
    return "\(title), run \(run):\n"
      + events.map { "\($0.at) \($0.application ?? "") \($0.step ?? "") \($0.sentence)" }.joined(separator: "\n")
  }

  func settled(_ client: StackClient, _ run: Int64) async throws -> APIRunStatus {
    let deadline = ContinuousClock.now + .seconds(90)
    while true {
      let status = try await client.run(run)
      if status.run.isFinal || status.run.state == "blocked" { return status }
      guard ContinuousClock.now < deadline else {
        let waits = status.applications.map { "\($0.id) \($0.state) \($0.step ?? ""): \($0.waiting?.sentence ?? "")" }
        throw KillFailure("run \(run) does not end: \(status.waiting?.sentence ?? "") \(waits)")
      }
      try await Task.sleep(for: .milliseconds(20))
    }
  }
}
