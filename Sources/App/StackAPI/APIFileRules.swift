/// What the files that come with a stack may be. The server holds to it; the command line says it before it sends.
package enum APIFileRules {
  /// Files of one stack.
  package static let largestCount = 1_000
  /// Bytes of one file: as much as a script may have.
  package static let largestSize = 1 << 20
  /// Bytes of all files of one stack together.
  package static let largestTotal = 8 << 20
  /// Bytes of a path in UTF-8.
  package static let longestPath = 255

  /// A file that is to be looked at.
  package struct Candidate: Sendable, Hashable {
    package var path: String
    /// Bytes of its content.
    package var size: Int

    package init(path: String, size: Int) {
      self.path = path
      self.size = size
    }
  }

  /// What is wrong with files that come together, a sentence for each; none if they may come. Of too many files, the
  /// first are looked at.
  package static func problems(of files: [Candidate]) -> [String] {
    var problems: [String] = []
    if files.count > largestCount {
      problems.append("there are \(files.count) files; at most \(largestCount) may come")
    }
    let total = files.reduce(0) { $0 + $1.size }
    if total > largestTotal {
      problems.append(
        "the files have \(total) bytes together; they may have \(largestTotal) (\(largestTotal >> 20) MiB)")
    }
    // Compared as Swift compares: paths that look the same cannot lie beside each other everywhere.
    var seen: Set<String> = []
    let files = files.prefix(largestCount)
    for file in files {
      let name = shown(file.path)
      problems += self.problems(ofPath: file.path).map { "file \(name): \($0)" }
      if file.size > largestSize {
        problems.append(
          "file \(name): it has \(file.size) bytes; one may have \(largestSize) (\(largestSize >> 20) MiB)")
      }
      if !seen.insert(file.path).inserted { problems.append("file \(name): it comes twice") }
    }
    for file in files where file.path.utf8.count <= longestPath {
      for folder in folders(above: file.path) where seen.contains(folder) {
        problems.append("file \(shown(file.path)): it lies in \(shown(folder)), which is a file as well")
      }
    }
    return problems
  }

  /// What keeps a text from being the path of a file, a sentence for each; none if it may be one.
  ///
  /// Paths are relative to the folder of the stack's source and have the same form everywhere: `hooks/register.lua`. They
  /// are compared byte for byte, so case counts.
  package static func problems(ofPath path: String) -> [String] {
    if path.isEmpty { return ["a path is empty"] }
    var problems: [String] = []
    let length = path.utf8.count
    if length > longestPath { problems.append("its path has \(length) bytes; it may have \(longestPath)") }
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
    path.utf8.count <= longestPath
      ? path.debugDescription : "\(String(path.unicodeScalars.prefix(60)).debugDescription)…"
  }

  /// `a` and `a/b` of `a/b/c`.
  private static func folders(above path: String) -> [String] {
    path.utf8.indices.filter { path.utf8[$0] == UInt8(ascii: "/") }.compactMap { String(path.utf8[..<$0]) }
      .filter { !$0.isEmpty }
  }
}
