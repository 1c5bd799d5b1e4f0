import Glibc

/// A folder of a test's own, gone with it.
final class Folder: Sendable {
  let path: String

  init() throws {
    var template = Array("/tmp/stack-deploy-command-XXXXXX".utf8CString)
    guard mkdtemp(&template) != nil else { throw CommandFailure("no folder under /tmp: error \(errno)") }
    path = String(decoding: template.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
  }

  deinit { Self.remove(Array(path.utf8CString)) }

  func file(_ name: String) -> String { "\(path)/\(name)" }

  func write(_ text: String, to name: String) throws {
    let descriptor = open(file(name), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o600)
    guard descriptor >= 0 else { throw CommandFailure("cannot write \(file(name)): error \(errno)") }
    defer { close(descriptor) }
    let bytes = Array(text.utf8)
    guard Glibc.write(descriptor, bytes, bytes.count) == bytes.count else { throw CommandFailure("short write") }
  }

  /// Empty where there is no such file.
  func read(_ name: String) -> String {
    String(decoding: (try? Self.contents(of: file(name))) ?? [], as: UTF8.self)
  }

  static func contents(of path: String) throws -> [UInt8] {
    let descriptor = open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { throw CommandFailure("cannot read \(path): error \(errno)") }
    defer { close(descriptor) }
    var bytes: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: 64 << 10)
    while case let count = Glibc.read(descriptor, &buffer, buffer.count), count > 0 { bytes += buffer[..<count] }
    return bytes
  }

  /// By bytes, as names need not be UTF-8.
  private static func remove(_ path: [CChar]) {
    guard unlink(path) != 0 else { return }
    for name in rawNames(in: path) { remove(path.dropLast() + [CChar(bitPattern: UInt8(ascii: "/"))] + name + [0]) }
    rmdir(path)
  }

  private static func rawNames(in path: [CChar]) -> [[CChar]] {
    guard let directory = opendir(path) else { return [] }
    defer { closedir(directory) }
    var names: [[CChar]] = []
    while let entry = readdir(directory) {
      let name = withUnsafeBytes(of: &entry.pointee.d_name) { $0.prefix { $0 != 0 }.map { CChar(bitPattern: $0) } }
      if name != Array(".".utf8CString.dropLast()), name != Array("..".utf8CString.dropLast()) { names.append(name) }
    }
    return names
  }

  /// What lies in a folder, sorted; nothing where there is none.
  static func names(in path: String) -> [String] {
    rawNames(in: Array(path.utf8CString))
      .map { String(decoding: $0.map { UInt8(bitPattern: $0) }, as: UTF8.self) }.sorted()
  }
}

/// Why the harness itself could not do its work.
struct CommandFailure: Error, CustomStringConvertible {
  let description: String

  init(_ description: String) { self.description = description }
}
