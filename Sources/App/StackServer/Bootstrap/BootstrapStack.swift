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
