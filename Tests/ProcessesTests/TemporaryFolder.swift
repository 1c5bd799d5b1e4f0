import Glibc
import Testing

@testable import Processes

/// A fresh folder that goes, with what is in it, when the test lets go of it.
final class TemporaryFolder: Sendable {
  let path: String

  init() throws {
    var template = Array("/tmp/stack-deploy-processes-XXXXXX".utf8CString)
    try #require(mkdtemp(&template) != nil)
    path = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
  }

  deinit { removeTree(path) }

  func text(_ name: String) -> String {
    guard let file = try? Descriptor.open("\(path)/\(name)", O_RDONLY) else { return "" }
    var bytes: [UInt8] = []
    while case .bytes(let more) = file.read() { bytes += more }
    return String(decoding: bytes, as: UTF8.self)
  }

  func exists(_ name: String) -> Bool { access("\(path)/\(name)", F_OK) == 0 }
}

private func removeTree(_ path: String) {
  if let folder = opendir(path) {
    defer { closedir(folder) }
    while let item = readdir(folder) {
      let name = withUnsafePointer(to: &item.pointee.d_name) {
        $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
      }
      guard name != ".", name != ".." else { continue }
      if unlink("\(path)/\(name)") != 0 { removeTree("\(path)/\(name)") }
    }
  }
  rmdir(path)
}

/// Waits for what another process does. Returns whether it came to pass within ten seconds.
func eventually(_ condition: () -> Bool) async throws -> Bool {
  for _ in 0..<2000 {
    if condition() { return true }
    try await Task.sleep(for: .milliseconds(5))
  }
  return condition()
}

/// A zombie does not live: whether somebody collects it is not the tested program's affair.
func lives(_ pid: Int32) -> Bool { ProcessTable.Entry(pid: pid).map { !$0.isZombie } ?? false }

let searchPath = ["PATH": "/usr/bin:/bin"]

/// The process ids that a script wrote, one a line.
func pids(_ text: String) -> [Int32] { text.split(separator: "\n").compactMap { Int32($0) } }
