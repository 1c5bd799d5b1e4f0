import Glibc
import JSON

/// What the figures were measured on.
struct Machine: Hashable {
  var processor: String
  var cores: Int
  var memoryGiB: Int
  var kernel: String
  /// File system and device under the data folders.
  var disk: String

  static func describe(folder: String) -> Machine {
    let processor = Files.text(of: "/proc/cpuinfo")?.split(separator: "\n")
      .first { $0.hasPrefix("model name") }?.split(separator: ":").last.map { $0.drop { $0 == " " } }
    var name = utsname()
    uname(&name)
    let release = withUnsafeBytes(of: &name.release) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) }
    let pages = sysconf(Int32(_SC_PHYS_PAGES)) * sysconf(Int32(_SC_PAGESIZE))
    return Machine(
      processor: processor.map(String.init) ?? "unknown", cores: Int(sysconf(Int32(_SC_NPROCESSORS_ONLN))),
      memoryGiB: (pages + (1 << 29)) >> 30, kernel: release, disk: disk(of: folder))
  }

  /// Of the longest mount point that is above the folder.
  private static func disk(of folder: String) -> String {
    var best = (length: 0, text: "unknown")
    for line in Files.text(of: "/proc/mounts")?.split(separator: "\n") ?? [] {
      let parts = line.split(separator: " ")
      guard parts.count > 2 else { continue }
      let point = parts[1] == "/" ? "/" : parts[1] + "/"
      if folder.hasPrefix(point), point.count > best.length { best = (point.count, "\(parts[2]) on \(parts[0])") }
    }
    return best.text
  }

  /// Milliseconds of writes of 4 KiB with `fdatasync` in the folder: what no commit can be faster than.
  static func syncTimes(in folder: String) -> [Double] {
    let path = "\(folder)/sync-\(getpid())"
    let descriptor = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0o600)
    guard descriptor >= 0 else { return [] }
    defer {
      close(descriptor)
      unlink(path)
    }
    let page = [UInt8](repeating: 1, count: 4_096)
    return (0..<200).map { _ in
      let start = ContinuousClock.now
      _ = write(descriptor, page, page.count)
      fdatasync(descriptor)
      return (ContinuousClock.now - start) / .milliseconds(1)
    }
  }

  /// How much else the machine has to do: figures taken above 1 are not worth much.
  static var load: Double {
    Files.text(of: "/proc/loadavg")?.split(separator: " ").first.flatMap { Double($0) } ?? 0
  }

  var sentence: String {
    "\(processor), \(cores) cores, \(memoryGiB) GiB, Linux \(kernel), \(disk)"
  }
}

extension Machine {
  var json: JSON {
    [
      "processor": .string(processor), "cores": .integer(Int64(cores)), "memory_gib": .integer(Int64(memoryGiB)),
      "kernel": .string(kernel), "disk": .string(disk),
    ]
  }

  init?(_ json: JSON) {
    guard let processor = json["processor"]?.stringValue, let cores = json["cores"]?.intValue,
      let memory = json["memory_gib"]?.intValue, let kernel = json["kernel"]?.stringValue,
      let disk = json["disk"]?.stringValue
    else { return nil }
    self.init(processor: processor, cores: cores, memoryGiB: memory, kernel: kernel, disk: disk)
  }
}
