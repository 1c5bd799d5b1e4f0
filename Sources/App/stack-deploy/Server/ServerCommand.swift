import Arguments
import CPosix
import Concurrency
import LocalCluster
import Processes
import StackServer
import Telemetry

/// `server`: serves until SIGTERM or SIGINT.
enum ServerCommand {
  static let declaration: Command = Command(
    "server", group: "Server", summary: "Starts stack-deploy Server",
    discussion: """
      Everything is kept in the data folder: stacks, users, runs with their journals. A server that was killed takes its runs up again and does nothing twice.

      With --local the applications run on this machine, on a cluster that the server starts and that survives it when it is killed; a clean stop ends both.

      With --bootstrap a stack is stored and run first, as the user bootstrap: until it is up all but /health and that run is answered 503. A run that fails ends the server with exit code 3. What has been brought up with the same contents is not run again at the next start.

      SIGTERM and Ctrl-C stop the server: effects under way get their outcome, runs go on at the next start. A second signal ends it at once.
      """,
    reading: .go, options: ServerOptions.declarations
  ) { arguments in await run(arguments) }

  private static func run(_ arguments: ParsedArguments) async -> Int32 {
    if let refusal = ServerOptions.refusal(arguments) {
      Console.writeError("\(refusal)\n")
      return ExitCode.usage
    }
    var configuration: ServerConfiguration
    do throws(InvalidValue) {
      configuration = try ServerOptions.configuration(arguments)
    } catch {
      Console.writeError("\(error)\n")
      return ExitCode.usage
    }
    Telemetry.bootstrap(level: ServerOptions.logLevel(arguments), format: ServerOptions.logFormat(arguments))
    ProcessReactor.raiseDescriptorLimit()
    let stop = AsyncSignal()
    TerminationSignal.fire(stop)
    do {
      return try await serve(&configuration, arguments, until: stop)
    } catch is CancellationError {
      return ExitCode.success
    } catch let error as BootstrapError {
      await Telemetry.flush()
      Console.writeError("\(error)\n")
      return error.code == .refused ? ExitCode.usage : ExitCode.notBroughtUp
    } catch {
      await Telemetry.flush()
      Console.writeError("\(error)\n")
      return ExitCode.failure
    }
  }

  /// Starting and serving both end with the signal.
  private static func serve(
    _ configuration: inout ServerConfiguration, _ arguments: ParsedArguments, until stop: AsyncSignal
  ) async throws -> Int32 {
    var cluster: ClusterEndpoint?
    if arguments[ServerOptions.local], case .folder(let folder) = configuration.storage {
      let endpoint = try await LocalCluster.ensureRunning(
        dataDirectory: folder, executable: "/proc/self/exe", agents: arguments[ServerOptions.agents])
      configuration.marathon = [endpoint.url]
      configuration.master = endpoint.url
      configuration.marathonCredentials = endpoint.credential
      configuration.masterCredentials = endpoint.credential
      configuration.embeddedCluster = endpoint.url
      cluster = endpoint
    }
    do {
      try await serve(configuration, until: stop)
    } catch is CancellationError {
      // The signal came during the start: there is no server to stop, but there may be a cluster.
    }
    // Not after a failure: the cluster may belong to another server on the same folder, or be wanted at the next try.
    try await cluster?.stop()
    return ExitCode.success
  }

  private static func serve(_ configuration: ServerConfiguration, until stop: AsyncSignal) async throws {
    try await withThrowingTaskGroup(of: Void.self) { group in
      group.addTask {
        // A body may have 16 MiB, and whoever may send one may send many.
        cposix_return_large_memory()
        let server = try await StackServer.start(configuration) { key in
          try Console.writeOrThrow("***\nAdmin user key: \(key)\n***\n")
        }
        async let _: Void = forgetStart()
        try await server.run()
      }
      group.addTask { try await stop.wait() }
      // Whichever ends first ends the other: the signal the server, a server that cannot start the waiting.
      try await group.next()
      group.cancelAll()
      try await group.waitForAll()
    }
  }

  /// Gives back what the start needed, once it is over: runs are taken up, Marathon's events come in, and whoever waited
  /// for the server has asked for something.
  private static func forgetStart() async {
    guard (try? await Task.sleep(for: .seconds(1))) != nil else { return }
    startThread(named: "forget-start") { cposix_forget_start() }
  }
}
