import StackModel

/// What the files that come with a stack may be. The server holds to it; the command line says it before it sends.
package enum APIFileRules {
  /// Files of one stack.
  package static let largestCount = 1_000
  /// Bytes of one file: as much as a script may have.
  package static let largestSize = 1 << 20
  /// Bytes of all files of one stack together.
  package static let largestTotal = 8 << 20
  /// Bytes of a path in UTF-8.
  package static let longestPath = StackFilePath.longest

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
  package static func problems(ofPath path: String) -> [String] { StackFilePath.problems(of: path) }

  /// A path in a sentence.
  package static func shown(_ path: String) -> String { StackFilePath.shown(path) }

  /// `a` and `a/b` of `a/b/c`.
  private static func folders(above path: String) -> [String] {
    path.utf8.indices.filter { path.utf8[$0] == UInt8(ascii: "/") }.compactMap { String(path.utf8[..<$0]) }
      .filter { !$0.isEmpty }
  }
}
