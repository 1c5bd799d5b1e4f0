/// What the paths of a stack's files look like: relative to the stack's folder, with `/` between names, and never out of it.
package enum StackFilePath {
  /// The longest path in bytes.
  package static let limit = 255

  /// What is wrong with a path, as a sentence; nil if it may be used.
  package static func problem(of path: String) -> String? {
    let shown = GoQuote.inStrconv(path.shortened)
    if path.isEmpty { return "the path is empty" }
    if path.utf8.count > limit { return "the path \(shown) has \(path.utf8.count) bytes; \(limit) are allowed" }
    if path.hasPrefix("/") { return "the path \(shown) is absolute; write it relative to the stack's folder" }
    if path.unicodeScalars.contains(where: { $0.value < 0x20 || $0.value == 0x7F }) {
      return "the path \(shown) has control characters"
    }
    for part in path.split(separator: "/", omittingEmptySubsequences: false) {
      switch part {
      case "": return "the path \(shown) has an empty part"
      case ".", "..": return "the path \(shown) has the part \(part); write it plainly, inside the stack's folder"
      default: break
      }
    }
    return nil
  }
}
