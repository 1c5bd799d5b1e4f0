import StackAPI

/// A file that comes with a stack, before it is known whether it may.
package struct UploadedFile: Sendable {
  package var path: String
  /// Nil where what came as its content was no base64.
  package var content: [UInt8]?

  package init(path: String, content: [UInt8]?) {
    self.path = path
    self.content = content
  }

  /// What keeps them from being stored, a sentence each.
  static func problems(of files: [UploadedFile]) -> [String] {
    APIFileRules.problems(of: files.map { APIFileRules.Candidate(path: $0.path, size: $0.content?.count ?? 0) })
      + files.filter { $0.content == nil }.map {
        "file \(APIFileRules.shown($0.path)): its content is not base64 (RFC 4648 with padding, without line ends)"
      }
  }
}
