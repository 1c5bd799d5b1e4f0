import Glibc

/// Whether what is measured on this machine says something: it was asked before a test made it busy.
struct Machine: Sendable {
  /// What 99 of 100 requests of others may take beside an attack.
  private static let limit = Duration.milliseconds(20)
  /// A machine on which they take more than this without any attack is busy with other things: what is measured on it is
  /// those. So is one on which more wanted to run than it has processors in the minute before.
  private static let calm = Duration.milliseconds(4)

  static let processors = sysconf(Int32(_SC_NPROCESSORS_ONLN))

  private let load: Double

  init() {
    var load = 0.0
    self.load = getloadavg(&load, 1) == 1 ? load : 0
  }

  /// What an attack may make of an ordinary client's p99.
  func limit(beside calm: Bystander.Report) -> Duration {
    isJudged(beside: calm) ? Self.limit : .seconds(5)
  }

  private func isJudged(beside calm: Bystander.Report) -> Bool { calm.p99 <= Self.calm && isCalm }

  var isCalm: Bool { load <= Double(Self.processors) }

  /// Says aloud where nothing can be judged: `scripts/hostile` looks for these words.
  func description(beside calm: Bystander.Report) -> String {
    "load \(load)" + (isJudged(beside: calm) ? "" : " (busy: times are not judged)")
  }
}
