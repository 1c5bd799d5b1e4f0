/// Why a server does not come to serve: a sentence for people.
package struct BootstrapError: Error, Sendable, Hashable, CustomStringConvertible {
  package enum Code: Sendable, Hashable {
    /// The stack cannot be stored or run: nothing has been begun.
    case refused
    /// Its run has failed, or was cancelled.
    case failed
  }

  package let code: Code
  package let description: String

  init(_ code: Code, _ description: String) {
    self.code = code
    self.description = description
  }
}
