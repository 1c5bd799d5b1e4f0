import Arguments
import Concurrency
import LocalCluster
import Processes
import Telemetry

/// `cluster`: runs the embedded cluster until SIGTERM or SIGINT.
enum ClusterCommand {
  private static let dataDirectory = Option<String?>.string(
    "data-dir", help: "Folder for everything the cluster keeps; one cluster per folder.", placeholder: "DIR",
    completion: .folders)
  private static let marathon = Option<String>.string(
    "marathon", help: "Loopback address that Marathon's API listens on; port 0 lets the system choose.",
    placeholder: "HOST:PORT", default: "127.0.0.1:8080")
  private static let agents = Option<Int>.integer(
    "agents", help: "How many agents are simulated.", default: 3, in: 1...200)
  private static let noAuthentication = Option<Bool>.flag(
    "no-auth", help: "Do not ask for the credential in the data folder: everybody on this machine may run commands.")
  private static let orphanTimeout = Option<Duration>.duration(
    "orphan-timeout", help: "End when no server has needed the cluster for so long; 0 means never.", default: .zero,
    defaultText: "0s")

  static let declaration: Command = Command(
    "cluster", group: "Server", summary: "Run the embedded cluster: Marathon's API on this machine",
    discussion: """
      Tasks are processes of this machine on simulated agents with the addresses 127.0.0.1, 127.0.0.2 and so on. The cluster runs any command \
      that it is asked to run, so it listens on loopback only and asks for the name and password in DIR/cluster/credential.

      SIGTERM and Ctrl-C end it with all its tasks; their definitions stay in DIR, and the next run starts them again.
      """,
    options: [
      dataDirectory.declaration, marathon.declaration, agents.declaration, noAuthentication.declaration,
      orphanTimeout.declaration,
    ]
  ) { arguments in await run(arguments) }

  private static func run(_ arguments: ParsedArguments) async -> Int32 {
    guard let folder = arguments[dataDirectory], !folder.isEmpty else {
      Console.writeError("the cluster needs a folder for its state: --data-dir DIR\n")
      return ExitCode.usage
    }
    guard let (host, port) = address(arguments[marathon]) else {
      Console.writeError("invalid value \"\(arguments[marathon])\" for flag -marathon: HOST:PORT is expected\n")
      return ExitCode.usage
    }
    ProcessReactor.raiseDescriptorLimit()
    let timeout = arguments[orphanTimeout]
    let options = ClusterOptions(
      dataDirectory: folder, host: host, port: port, agents: arguments[agents],
      authentication: !arguments[noAuthentication], orphanTimeout: timeout > .zero ? timeout : nil, endsOrphans: true)
    let stop = AsyncSignal()
    TerminationSignal.fire(stop)
    do {
      try await LocalCluster.run(options, until: stop) { endpoint in
        Console.write("Cluster is up: \(endpoint.url)\n")
      }
      return ExitCode.success
    } catch {
      Console.writeError("\(error)\n")
      return ExitCode.failure
    }
  }

  private static func address(_ text: String) -> (String, Int)? {
    var text = text
    if text.hasPrefix("http://") { text.removeFirst("http://".count) }
    if text.hasSuffix("/") { text.removeLast() }
    guard let colon = text.lastIndex(of: ":"), let port = Int(text[text.index(after: colon)...]),
      (0...65_535).contains(port)
    else { return nil }
    return (String(text[..<colon]), port)
  }
}
