import Glibc

/// A folder of inputs for one target: `Corpus/<target>` or `Regressions/<target>`.
struct CorpusFolder {
  struct Failure: Error, CustomStringConvertible {
    let description: String
  }

  let path: String

  /// Inputs that show a target the way: cut from recordings, or written by hand.
  static let corpus = root + "/Corpus"
  /// Inputs that were found, each a mistake that was made once.
  static let regressions = root + "/Regressions"

  private static let root = #filePath.split(separator: "/", omittingEmptySubsequences: false).dropLast(2)
    .joined(separator: "/")

  /// Sorted; none where there is no such folder.
  var names: [String] {
    guard let stream = opendir(path) else { return [] }
    defer { closedir(stream) }
    var names: [String] = []
    while let entry = readdir(stream) {
      let name = withUnsafeBytes(of: &entry.pointee.d_name) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) }
      if !name.hasPrefix(".") { names.append(name) }
    }
    return names.sorted()
  }

  func contents(of name: String) throws -> [UInt8] {
    let file = open("\(path)/\(name)", O_RDONLY | O_CLOEXEC)
    guard file >= 0 else { throw Failure(description: "\(path)/\(name) cannot be read: error \(errno)") }
    defer { close(file) }
    var bytes: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: 64 << 10)
    while case let count = read(file, &buffer, buffer.count), count > 0 { bytes += buffer[..<count] }
    return bytes
  }
}
