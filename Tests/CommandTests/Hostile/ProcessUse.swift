import Glibc

/// What a process holds.
struct ProcessUse: Sendable, CustomStringConvertible {
  var descriptors: Int
  /// Of resident memory.
  var kilobytes: Int

  var description: String { "\(descriptors) descriptors and \(kilobytes) KiB" }

  init(_ pid: Int32) throws {
    guard let folder = opendir("/proc/\(pid)/fd") else { throw CommandFailure("no process \(pid)") }
    defer { closedir(folder) }
    descriptors = 0
    while let entry = readdir(folder) {
      let first = withUnsafeBytes(of: &entry.pointee.d_name) { $0[0] }
      if first != UInt8(ascii: ".") { descriptors += 1 }
    }
    guard let status = fopen("/proc/\(pid)/status", "r") else { throw CommandFailure("no process \(pid)") }
    defer { fclose(status) }
    var bytes = [UInt8](repeating: 0, count: 16 << 10)
    let count = fread(&bytes, 1, bytes.count, status)
    let text = String(decoding: bytes.prefix(count), as: UTF8.self)
    kilobytes =
      text.split(separator: "\n").first { $0.hasPrefix("VmRSS:") }
      .flatMap { Int($0.filter(\.isNumber)) }
      ?? 0
  }
}
