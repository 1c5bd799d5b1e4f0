import Concurrency
import Engine
import FaultInjection
import FaultyVFS
import Glibc
import HTTPServer
import HTTPTypes
import Processes
import ScriptHost
import StackServer
import Store
import Telemetry

/// The server, ended by SIGKILL at one point of its life. For tests: no product has it.
///
/// `faulty-server DATA-FOLDER MARATHON-URL USER:PASSWORD`, and in the environment
/// - `KILL_AT=N`: the point, counted by `KillingGate`;
/// - `KILL_AT_FILE_OPERATION=N`, `KILL_ACTION=1|2|3`: the same at an operation of SQLite on its files, see `FaultyVFS.h`;
/// - `GRANT=PATTERN`: what scripts may call beside what they may anyway;
/// - `POINTS=FILE`: where every point is noted.
@main enum FaultyServer {
  static func main() async {
    let arguments = CommandLine.arguments
    guard arguments.count == 4, let colon = arguments[3].firstIndex(of: ":") else {
      print("usage: faulty-server DATA-FOLDER MARATHON-URL USER:PASSWORD")
      exit(2)
    }
    let folder = arguments[1]
    if let number = variable("KILL_AT_FILE_OPERATION").flatMap({ Int($0) }) {
      guard faulty_vfs_install() == 0 else { exit(3) }
      faulty_vfs_arm("\(folder)/stack-deploy.db", Int32(variable("KILL_ACTION") ?? "") ?? 0, number, 1)
    }
    var configuration = ServerConfiguration(
      addresses: [.tcp(host: "127.0.0.1", port: 0)], storage: .folder(folder), marathon: [arguments[2]],
      master: arguments[2], hookEnvironment: environment)
    configuration.adminKeyFile = "\(folder)/key"
    configuration.marathonCredentials = BasicAuthorization(
      user: String(arguments[3][..<colon]), password: String(arguments[3][arguments[3].index(after: colon)...]))
    configuration.embeddedCluster = arguments[2]
    configuration.connectRetries = 1
    if let grant = variable("GRANT") {
      guard let grants = try? ServerGrants([ServerGrants.standardWord, grant]) else { exit(2) }
      configuration.grants = grants
    }
    configuration.bootstrap = variable("BOOTSTRAP").flatMap(stack)
    let gate = KillingGate(killAt: variable("KILL_AT").flatMap { Int($0) }, record: variable("POINTS") ?? "/dev/null")
    var decoration = PortDecoration()
    decoration.store = { FaultyStore($0, gate: gate) }
    decoration.cluster = { FaultyCluster($0, gate: gate) }
    decoration.hooks = { FaultyHooks($0, gate: gate) }
    let stop = AsyncSignal()
    TerminationSignal.fire(stop)
    do {
      let server = try await StackServer.start(configuration, decoration: decoration) { _ in }
      try await withThrowingTaskGroup(of: Void.self) { group in
        group.addTask { try await server.run() }
        group.addTask { try? await stop.wait() }
        try await group.next()
        group.cancelAll()
      }
      if let path = variable("FILE_OPERATIONS") { note(faulty_vfs_count(), in: path) }
    } catch {
      print(error)
      exit(1)
    }
  }

  private static func stack(_ path: String) -> BootstrapStack? {
    guard let file = fopen(path, "r") else { return nil }
    defer { fclose(file) }
    var bytes = [UInt8](repeating: 0, count: 1 << 16)
    let count = fread(&bytes, 1, bytes.count, file)
    return BootstrapStack(source: String(decoding: bytes[..<count], as: UTF8.self), file: path)
  }

  private static func variable(_ name: String) -> String? { getenv(name).map { String(cString: $0) } }

  /// What hooks see.
  private static var environment: [String: String] {
    var variables: [String: String] = [:]
    for name in ["PATH", "HOME", "HOOK_LOG"] { variables[name] = variable(name) }
    return variables
  }

  private static func note(_ count: Int, in path: String) {
    let file = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o600)
    let line = Array("\(count)\n".utf8)
    _ = write(file, line, line.count)
    close(file)
  }
}
