package import Concurrency
import JSON

/// `<data folder>/server.json`: the server that serves this folder, for scripts and the command line. Written once it
/// serves, removed when it stops in order; after a kill it may name a process that is gone.
package struct ServerRecord: Sendable, Hashable, Codable {
  /// How it is called, as `--api` takes it.
  package var url: String
  /// The same for each address that it listens on.
  package var urls: [String]
  package var pid: Int32
  package var started: Timestamp

  package static func path(in folder: String) -> String { "\(folder)/server.json" }

  package init(url: String, urls: [String], pid: Int32, started: Timestamp) {
    self.url = url
    self.urls = urls
    self.pid = pid
    self.started = started
  }

  /// - Throws: an error with a sentence.
  func write(to folder: String) throws {
    try Folders.write(try JSON(encoding: self).bytes + [UInt8(ascii: "\n")], to: Self.path(in: folder))
  }
}
