import Glibc

/// What the kernel says of a process.
struct ProcessUsage {
  let pid: Int32

  /// Resident memory in MiB, with the pages of its file.
  var residentMiB: Double {
    let line = Files.text(of: "/proc/\(pid)/status")?.split(separator: "\n").first { $0.hasPrefix("VmRSS:") }
    return (line?.split(separator: " ").dropFirst().first.flatMap { Double($0) } ?? 0) / 1_024
  }

  /// Memory in MiB that no other process shares.
  var privateMiB: Double {
    let lines = Files.text(of: "/proc/\(pid)/smaps_rollup")?.split(separator: "\n") ?? []
    let kilobytes = lines.filter { $0.hasPrefix("Private_Clean:") || $0.hasPrefix("Private_Dirty:") }
      .compactMap { $0.split(separator: " ").dropFirst().first.flatMap { Double($0) } }
    return kilobytes.reduce(0, +) / 1_024
  }

  /// Processes of this name that another one, or this one, has started.
  static func children(named name: String, of parent: Int32 = getpid()) -> [Int32] {
    Files.names(in: "/proc").compactMap { Int32($0) }.filter { pid in
      guard let text = Files.text(of: "/proc/\(pid)/stat"), text.contains("(\(name))") else { return false }
      // Behind the name in parentheses: state, parent.
      let fields = text.split(separator: ")").last?.split(separator: " ") ?? []
      return fields.count > 1 && fields[0] != "Z" && fields[1] == "\(parent)"
    }
  }

  /// CPU time of all its threads so far, with the resolution of the scheduler.
  var processorSeconds: Double {
    var clock = clockid_t()
    var time = timespec()
    guard clock_getcpuclockid(pid, &clock) == 0, clock_gettime(clock, &time) == 0 else { return 0 }
    return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
  }
}
