import Glibc
import TestFolders

/// A folder of a test's own, gone with it.
final class Folder: Sendable {
  private let temporary: TemporaryFolder

  init() throws { temporary = try TemporaryFolder() }

  var path: String { temporary.path }

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

  /// What lies in a folder, sorted; nothing where there is none.
  static func names(in path: String) -> [String] {
    (try? TestFolders.names(in: path)) ?? []
  }
}

/// Why the harness itself could not do its work.
struct CommandFailure: Error, CustomStringConvertible {
  let description: String

  init(_ description: String) { self.description = description }
}
