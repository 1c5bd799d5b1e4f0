import Glibc

/// What the kernel says of a process.
struct ProcessUsage {
  let pid: Int32

  /// Resident memory in MiB, with the pages of its file.
  var residentMiB: Double {
    let line = Files.text(of: "/proc/\(pid)/status")?.split(separator: "\n").first { $0.hasPrefix("VmRSS:") }
    return (line?.split(separator: " ").dropFirst().first.flatMap { Double($0) } ?? 0) / 1_024
  }

  /// CPU time of all its threads so far, with the resolution of the scheduler.
  var processorSeconds: Double {
    var clock = clockid_t()
    var time = timespec()
    guard clock_getcpuclockid(pid, &clock) == 0, clock_gettime(clock, &time) == 0 else { return 0 }
    return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
  }
}
