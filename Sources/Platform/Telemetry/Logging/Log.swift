package import Concurrency
import Glibc
package import JSON

/// Where log lines go: a level, a form, secrets to be redacted, and a writer.
package final class Log: Sendable {
  package enum Format: Sendable, Hashable {
    /// Text on a terminal, JSON lines otherwise.
    case automatic
    case text
    case json
  }

  package enum Output: Sendable, Hashable {
    case standardError
    case standardOutput
    /// Stays open as long as the log lives.
    case descriptor(Int32)

    var descriptor: Int32 {
      switch self {
      case .standardError: STDERR_FILENO
      case .standardOutput: STDOUT_FILENO
      case .descriptor(let number): number
      }
    }
  }

  package let level: LogLevel
  private let isJSON: Bool
  private let colours: Bool
  private let secrets: KnownSecrets
  private let time: any TimeSource
  private let writer: LogWriter

  /// - Parameter queueLimit: bytes of lines that wait for a slow reader; what comes on top is dropped and counted.
  package init(
    level: LogLevel = .info, format: Format = .automatic, output: Output = .standardError,
    secrets: KnownSecrets = Telemetry.secrets, time: any TimeSource = SystemTime(), queueLimit: Int = 4 << 20
  ) {
    let isTerminal = isatty(output.descriptor) == 1
    self.level = level
    isJSON = format == .json || (format == .automatic && !isTerminal)
    colours = isTerminal && getenv("NO_COLOR") == nil && getenv("TERM").map { String(cString: $0) } != "dumb"
    self.secrets = secrets
    self.time = time
    writer = LogWriter(descriptor: output.descriptor, limit: queueLimit)
  }

  package func write(_ level: LogLevel, label: String, _ message: String, _ fields: [(key: String, value: JSON)]) {
    let line = LogLine(
      time: time.now(), level: level, label: label, message: secrets.redacted(message),
      fields: fields.map { ($0.key, secrets.redacted($0.value)) })
    writer.append(bytes(line)) { [self] count in
      bytes(
        LogLine(
          time: time.now(), level: .warning, label: "telemetry",
          message: "log lines were dropped because their reader is too slow",
          fields: [("count", .integer(Int64(count)))]))
    }
  }

  private func bytes(_ line: LogLine) -> [UInt8] {
    (isJSON ? line.json.bytes : Array(line.text(colours: colours).utf8)) + [UInt8(ascii: "\n")]
  }

  /// Returns when all lines so far are written, or after the time given: a reader may never come back. Call it before the program ends.
  package func flush(within limit: Duration = .seconds(1)) async {
    let deadline = ContinuousClock.now + limit
    while !writer.isIdle, ContinuousClock.now < deadline {
      // A program at its end has nobody left to wake it.
      guard (try? await Task.sleep(for: .milliseconds(1))) != nil else { return }
    }
  }
}
