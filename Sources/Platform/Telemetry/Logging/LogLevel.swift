/// How much a line matters.
package enum LogLevel: String, Sendable, Hashable, Comparable, CaseIterable {
  /// For whoever looks for a mistake in the program.
  case debug
  /// What happens, one line for each thing a person did or waits for.
  case info
  /// Goes on, but somebody should know.
  case warning
  /// Something asked for was not done.
  case error

  package static func < (left: LogLevel, right: LogLevel) -> Bool { left.rank < right.rank }

  private var rank: Int {
    switch self {
    case .debug: 0
    case .info: 1
    case .warning: 2
    case .error: 3
    }
  }
}
