package import Concurrency
package import StackModel

/// One revision of a stored stack or layer.
package struct StackRecord: Sendable, Hashable {
  package var name: String
  /// From 1, without gaps per name. A removed name starts anew at 1.
  package var revision: Int
  /// The author's text, byte for byte.
  package var source: String
  /// The file's name as the author gave it, for places in messages.
  package var file: String
  /// `source`, decoded, not merged with its parents.
  package var stack: Stack
  /// Set when it was added as a layer.
  package var level: LayerLevel?
  package var addedAt: Timestamp
  /// The user's name; empty in `--dev`.
  package var addedBy: String
  /// What came with the source, bytewise by path, no path twice.
  package private(set) var files: [StackFile]

  /// - Precondition: no path occurs twice in `files`.
  package init(
    name: String, revision: Int, source: String, file: String, stack: Stack, level: LayerLevel? = nil,
    addedAt: Timestamp, addedBy: String, files: [StackFile] = []
  ) {
    self.name = name
    self.revision = revision
    self.source = source
    self.file = file
    self.stack = stack
    self.level = level
    self.addedAt = addedAt
    self.addedBy = addedBy
    self.files = files.sorted { BytewiseText($0.path) < BytewiseText($1.path) }
    precondition(
      zip(self.files, self.files.dropFirst()).allSatisfy { BytewiseText($0.path) != BytewiseText($1.path) },
      "a path stands for one file")
  }
}
