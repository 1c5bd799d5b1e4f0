import ScriptHost
import StackModel

/// A stack as it comes, to be added or to be checked.
package struct UploadedStack: Sendable {
  package var source: String
  package var file: String
  /// What comes with it, in any order.
  package var files: [UploadedFile]
  /// Whether it is a layer.
  package var isLayer: Bool

  package init(source: String, file: String = "", files: [UploadedFile] = [], isLayer: Bool = false) {
    self.source = source
    self.file = file
    self.files = files
    self.isLayer = isLayer
  }

  /// Whether it is Lua, or has hooks that are.
  var hasScripts: Bool {
    entry != nil || StackDecoding(Array(source.utf8), file: file).stack?.scripts.isEmpty == false
  }

  /// The path of the source among the stack's files, where the source is Lua; nil for YAML.
  var entry: String? {
    StackSource.isLua(file) ? file.split(separator: "/").last.map(String.init) : nil
  }

  /// Those that have contents.
  var contents: [(path: String, content: [UInt8])] {
    files.compactMap { file in file.content.map { (file.path, $0) } }
  }

  /// Puts a source that is Lua among the stack's files, where its functions are found again.
  /// - Returns: what is wrong with that, a sentence each.
  mutating func takeEntry() -> [String] {
    guard let entry else { return [] }
    let content = Array(source.utf8)
    guard let other = files.first(where: { $0.path == entry }) else {
      files.append(UploadedFile(path: entry, content: content))
      return []
    }
    return other.content == content
      ? []
      : [
        "file \(StackFilePath.shown(entry)): it is another one than the source of the stack, which has this name"
      ]
  }
}
