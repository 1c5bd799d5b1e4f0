import Concurrency
import Glibc
import HTTPClient
import JSON
import Processes
import StackClient
import TestFolders

/// A server on a data folder, as the process that it is.
struct ServerProcess: Sendable {
  let process: RunningProcess
  let client: StackClient

  enum Kind: Sendable {
    /// What ships, with the file of a stack that it is to run first.
    case normal(bootstrap: String?)
    /// `faulty-server` with these variables.
    case faulty([String: String])
  }

  /// Returns once it serves; nil where it ended before.
  static func start(
    _ kind: Kind, folder: TemporaryFolder, in world: KillWorld
  ) async throws -> (RunningProcess, ServerProcess?) {
    let data = folder.file("data")
    let cluster = world.cluster
    var environment = [
      "PATH": "/usr/local/bin:/usr/bin:/bin", "HOME": folder.path, "HOOK_LOG": folder.file("hooks.log"),
    ]
    var specification: ProcessSpecification
    switch kind {
    case .normal(let bootstrap):
      environment["STACK_DEPLOY_MARATHON_CREDENTIALS"] = cluster.credential
      specification = ProcessSpecification(
        executable: try HelperLocation.find("stack-deploy"),
        arguments: [
          "server", "--api", "127.0.0.1:0", "--data-dir", data, "--marathon", cluster.url, "--master", cluster.url,
          "--admin-key-file", "\(data)/key", "--connect.retries", "1", "--script.grant", "default", "--script.grant",
          world.web.grant,
        ],
        environment: environment, workingDirectory: folder.path)
      if let bootstrap { specification.arguments += ["--bootstrap", bootstrap] }
    case .faulty(let variables):
      environment.merge(variables) { $1 }
      environment["GRANT"] = world.web.grant
      specification = ProcessSpecification(
        executable: try HelperLocation.find("faulty-server"), arguments: [data, cluster.url, cluster.credential],
        environment: environment, workingDirectory: folder.path)
    }
    specification.output = .file(folder.file("server.log"), append: true)
    specification.error = .file(folder.file("server.log"), append: true)
    let process = try ProcessReactor.shared.spawn(specification)
    // A bootstrap stack comes up first.
    for _ in 0..<12_000 {
      if process.currentExitStatus != nil { return (process, nil) }
      if let record = try? JSON(parsing: folder.read("data/server.json")), record["pid"]?.intValue == Int(process.pid),
        let url = record["url"]?.stringValue
      {
        let key = folder.read("data/key").split(separator: "\n").first.map(String.init) ?? ""
        return (
          process,
          ServerProcess(process: process, client: StackClient(address: url, user: "admin", key: key, http: world.http))
        )
      }
      try await Task.sleep(for: .milliseconds(5))
    }
    process.signal(SIGKILL)
    throw ClusterProcess.Failure(description: "the server does not serve:\n\(folder.read("server.log").suffix(2_000))")
  }

  func stop() async {
    process.signal(SIGTERM)
    _ = await process.exitStatus()
  }
}
