import Concurrency

/// The program's log: set once by `main`, read by each `Logger`.
package enum Telemetry {
  /// Values that no log line may hold.
  package static let secrets = KnownSecrets()

  private static let current = Locked(Log())

  /// Where loggers without a log of their own write.
  package static var log: Log { current.withLock { $0 } }

  /// Says how much is logged, in which form, and where. Before it is called: `info`, automatic, standard error.
  package static func bootstrap(
    level: LogLevel = .info, format: Log.Format = .automatic, output: Log.Output = .standardError
  ) {
    let log = Log(level: level, format: format, output: output)
    current.withLock { $0 = log }
  }

  /// Returns when all lines so far are written, or after the time given. Call it before the program ends.
  package static func flush(within limit: Duration = .seconds(1)) async { await log.flush(within: limit) }
}
