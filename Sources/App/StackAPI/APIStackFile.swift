/// A file that belongs to a revision of a stack.
package struct APIStackFile: Sendable, Hashable, Codable {
  /// Relative to the folder of the stack's source.
  package var path: String
  /// In bytes.
  package var size: Int
  /// Of the content, in hexadecimal digits.
  package var sha256: String

  package init(path: String, size: Int, sha256: String) {
    self.path = path
    self.size = size
    self.sha256 = sha256
  }
}

/// `GET /api/v1/stacks/{stack}/files?revision=N`: all of them, bytewise by path.
package struct APIStackFileList: Sendable, Hashable, Codable {
  package var name: String
  package var revision: Int
  package var files: [APIStackFile]

  package init(name: String, revision: Int, files: [APIStackFile]) {
    self.name = name
    self.revision = revision
    self.files = files
  }
}
