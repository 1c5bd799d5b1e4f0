import Glibc

/// A program that was opened once and is run from then on, whatever an upgrade puts at its path meanwhile.
package final class ExecutableFile: Sendable {
  /// Where it was found.
  package let path: String
  let file: Descriptor

  /// - Throws: `system` when it cannot be opened.
  package init(path: String) throws(ProcessError) {
    self.path = path
    file = try Descriptor.open(path, O_RDONLY)
  }
}
