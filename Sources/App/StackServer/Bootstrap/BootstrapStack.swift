/// The stack that runs before the server serves, with what comes with it, as `add` would send it.
package struct BootstrapStack: Sendable, Hashable {
  package var source: String
  /// How the file is called, for messages.
  package var file: String
  /// By their path below the folder of the file.
  package var files: [String: [UInt8]]

  package init(source: String, file: String, files: [String: [UInt8]] = [:]) {
    self.source = source
    self.file = file
    self.files = files
  }
}

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
