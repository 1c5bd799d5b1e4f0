/// A file that belongs to a revision of a stack.
package struct StackFile: Sendable, Hashable {
  /// Relative to the folder of the stack's source: `hooks/register.lua`. Paths are bytes; case counts.
  package var path: String
  package var content: ContentHash
  /// Bytes of the content.
  package var size: Int

  package init(path: String, content: ContentHash, size: Int) {
    self.path = path
    self.content = content
    self.size = size
  }

  package init(path: String, _ content: FileContent) {
    self.init(path: path, content: content.hash, size: content.bytes.count)
  }
}

extension StackRecord {
  /// The file with exactly this path.
  package func file(at path: String) -> StackFile? {
    files.first { $0.path.utf8.elementsEqual(path.utf8) }
  }

  /// For a run that needs all of the files.
  package var pins: [ContentPin] {
    files.map { ContentPin(stack: name, content: $0.content) }
  }

  /// The contents that the files refer to, each once.
  /// - Precondition: they are all among `contents`.
  package func contentsByHash(_ contents: [FileContent]) -> [ContentHash: [UInt8]] {
    let given = Dictionary(contents.map { ($0.hash, $0.bytes) }) { first, _ in first }
    var referred: [ContentHash: [UInt8]] = [:]
    for file in files {
      guard let bytes = given[file.content] else { preconditionFailure("the content of \(file.path) is missing") }
      referred[file.content] = bytes
    }
    return referred
  }
}
