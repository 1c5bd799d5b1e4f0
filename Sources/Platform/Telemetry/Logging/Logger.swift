/// Writes log lines under a label, which names the part of the program that speaks (`engine`, `marathon`).
package struct Logger: Sendable {
  package let label: String
  /// `nil`: where `Telemetry.bootstrap` said.
  private let log: Log?

  package init(_ label: String) {
    self.label = label
    log = nil
  }

  /// A logger with a log of its own, which no `bootstrap` changes.
  package init(_ label: String, to log: Log) {
    self.label = label
    self.log = log
  }

  package typealias Fields = KeyValuePairs<String, any LogValue>

  package func debug(_ message: @autoclosure () -> String, _ fields: @autoclosure () -> Fields = [:]) {
    write(.debug, message, fields)
  }

  package func info(_ message: @autoclosure () -> String, _ fields: @autoclosure () -> Fields = [:]) {
    write(.info, message, fields)
  }

  package func warning(_ message: @autoclosure () -> String, _ fields: @autoclosure () -> Fields = [:]) {
    write(.warning, message, fields)
  }

  package func error(_ message: @autoclosure () -> String, _ fields: @autoclosure () -> Fields = [:]) {
    write(.error, message, fields)
  }

  private func write(_ level: LogLevel, _ message: () -> String, _ fields: () -> Fields) {
    let log = log ?? Telemetry.log
    guard level >= log.level else { return }
    log.write(level, label: label, message(), fields().map { ($0.key, $0.value.logValue) })
  }
}
