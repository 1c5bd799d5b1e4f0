import Glibc
import JSON

/// What `cluster.json` says of a running cluster.
struct ClusterRecord: Sendable, Hashable {
  var url: String
  var pid: Int32
  /// When the process started, in the kernel's clock ticks since boot: with the pid it names one process for good.
  var startTicks: String

  var json: JSON { ["url": .string(url), "pid": .integer(Int64(pid)), "startTicks": .string(startTicks)] }

  static func read(_ path: String) -> ClusterRecord? {
    guard let bytes = try? Files.read(path), let json = try? JSON(parsing: bytes), let url = json["url"]?.stringValue,
      let pid = json["pid"]?.intValue, let ticks = json["startTicks"]?.stringValue
    else { return nil }
    return ClusterRecord(url: url, pid: Int32(truncatingIfNeeded: pid), startTicks: ticks)
  }

  /// Whether that very process still runs.
  var isAlive: Bool { Self.startTicks(of: pid) == startTicks }

  /// Field 22 of `/proc/<pid>/stat`; `nil` when there is no such process or it is a zombie.
  static func startTicks(of pid: Int32) -> String? {
    guard let bytes = try? Files.read("/proc/\(pid)/stat") else { return nil }
    // The name of the program may hold blanks and parentheses; the fields begin after the last one.
    guard let end = bytes.lastIndex(of: UInt8(ascii: ")")) else { return nil }
    let fields = String(decoding: bytes[(end + 1)...], as: UTF8.self).split(separator: " ")
    guard fields.count > 19, fields[0] != "Z", fields[0] != "X" else { return nil }
    return String(fields[19])
  }
}
