/// What the paths of a stack's files look like.
package enum StackFilePath {
  /// Bytes of a path in UTF-8.
  package static let longest = 255

  /// What keeps a text from being the path of a file, a sentence for each; none if it may be one.
  ///
  /// Paths are relative to the folder of the stack's source and have the same form everywhere: `hooks/register.lua`. They
  /// are compared byte for byte, so case counts.
  package static func problems(of path: String) -> [String] {
    if path.isEmpty { return ["a path is empty"] }
    var problems: [String] = []
    let length = path.utf8.count
    if length > longest { problems.append("its path has \(length) bytes; it may have \(longest)") }
    if path.unicodeScalars.contains(where: { $0.properties.generalCategory == .control }) {
      problems.append("its path has control characters")
    }
    if path.utf8.contains(UInt8(ascii: "\\")) { problems.append("its path has a backslash; folders are parted by /") }
    // By bytes: before a combining mark, a slash is no `Character` of its own.
    let parts = path.utf8.split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false)
    if parts.first?.isEmpty == true {
      problems.append("its path begins with /; paths are relative to the folder of the stack's source")
    }
    if parts.dropFirst().contains(where: \.isEmpty) { problems.append("its path has an empty part") }
    if parts.contains(where: { $0.elementsEqual(".".utf8) || $0.elementsEqual("..".utf8) }) {
      problems.append("its path has a part . or ..")
    }
    return problems
  }

  /// A path in a sentence: quoted, without control characters, and not longer than a path may be.
  package static func shown(_ path: String) -> String {
    path.utf8.count <= longest
      ? path.debugDescription : "\(String(path.unicodeScalars.prefix(60)).debugDescription)…"
  }
}
