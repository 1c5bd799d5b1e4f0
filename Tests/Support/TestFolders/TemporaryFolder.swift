import Glibc

/// A fresh folder that goes, with all in it, when this object does.
package final class TemporaryFolder: Sendable {
  package let path: String

  /// - Parameter inMemory: on a file system in memory where there is one: for what is not about the disk.
  package init(inMemory: Bool = false) throws {
    let base = inMemory && access("/dev/shm", W_OK) == 0 ? "/dev/shm" : "/tmp"
    var template = Array("\(base)/stack-deploy-test-XXXXXX".utf8CString)
    guard mkdtemp(&template) != nil else { throw SystemError(number: errno) }
    path = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
  }

  deinit { Self.remove(Array(path.utf8CString)) }

  package func file(_ name: String) -> String { "\(path)/\(name)" }

  /// A file's text; empty where there is no such file.
  package func read(_ name: String) -> String {
    String(decoding: (try? contents(of: file(name))) ?? [], as: UTF8.self)
  }

  /// By bytes, as names need not be UTF-8.
  private static func remove(_ path: [CChar]) {
    guard unlink(path) != 0 else { return }
    for name in (try? rawNames(in: path)) ?? [] { remove(path.dropLast() + "/".utf8CString.dropLast() + name) }
    rmdir(path)
  }
}
