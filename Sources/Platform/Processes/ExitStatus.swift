/// How a process ended.
package enum ExitStatus: Sendable, Hashable, CustomStringConvertible {
  case exited(Int32)
  case signalled(Int32)

  package var isSuccess: Bool { self == .exited(0) }

  package var description: String {
    switch self {
    case .exited(let code): "exit status \(code)"
    case .signalled(let number): "signal \(Self.names[number] ?? String(number))"
    }
  }

  /// The code a shell shows for it: 128 + the signal's number.
  package var shellCode: Int32 {
    switch self {
    case .exited(let code): code
    case .signalled(let number): 128 + number
    }
  }

  private static let names: [Int32: String] = [
    1: "hangup", 2: "interrupt", 3: "quit", 4: "illegal instruction", 6: "aborted", 7: "bus error",
    8: "floating point exception", 9: "killed", 11: "segmentation fault", 13: "broken pipe", 14: "alarm clock",
    15: "terminated",
  ]
}
