import Glibc

/// A process could not be started, found or asked.
package struct ProcessError: Error, Sendable, Hashable, CustomStringConvertible {
  package struct Code: Sendable, Hashable {
    private let name: String

    /// The program does not exist, or is none.
    package static let notExecutable = Code(name: "notExecutable")
    /// The system refused: limits, rights, files.
    package static let system = Code(name: "system")
    /// A helper program was not found beside the main program.
    package static let helperMissing = Code(name: "helperMissing")
    /// A detached job of this folder runs, or has run.
    package static let alreadyStarted = Code(name: "alreadyStarted")
    /// A supervisor ended without having started its program.
    package static let supervisorFailed = Code(name: "supervisorFailed")
  }

  package let code: Code
  package let description: String

  package init(_ code: Code, _ description: String) {
    self.code = code
    self.description = description
  }

  /// `what` completes "cannot …".
  static func system(_ what: String, errno code: Int32 = errno) -> ProcessError {
    ProcessError(.system, "cannot \(what): \(String(cString: strerror(code)))")
  }
}
