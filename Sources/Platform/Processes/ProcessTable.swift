import CPosix
import Glibc

/// One look at the processes of the machine. It is no snapshot: who acts on it looks again until nothing is left.
struct ProcessTable {
  struct Entry: Hashable {
    let pid: Int32
    let parent: Int32
    let isZombie: Bool
    /// Clock ticks since boot: tells a process from a later one with the same id.
    let started: UInt64

    /// `nil` when there is no such process.
    init?(pid: Int32) {
      guard let text = readSmallFile("/proc/\(pid)/stat") else { return nil }
      // The name in parentheses may hold anything, closing parentheses too: the last one ends it.
      guard let end = text.lastIndex(of: ")") else { return nil }
      let fields = text[text.index(after: end)...].split(separator: " ")
      // proc(5) counts from 1 with pid and name: state is field 3, the parent 4, the start 22.
      guard fields.count > 19, let parent = Int32(fields[1]), let started = UInt64(fields[19]) else { return nil }
      self.pid = pid
      self.parent = parent
      self.started = started
      isZombie = fields[0] == "Z" || fields[0] == "X"
    }

    /// Signals this very process, never a later one of the same id.
    func signal(_ number: Int32) {
      let pidfd = cposix_pidfd_open(pid)
      guard pidfd >= 0 else { return }
      let held = Descriptor(owning: pidfd)
      if Entry(pid: pid)?.started == started { _ = cposix_pidfd_signal(held.number, number) }
    }
  }

  let entries: [Entry]

  init() {
    var entries: [Entry] = []
    if let folder = opendir("/proc") {
      defer { closedir(folder) }
      while let item = readdir(folder) {
        let name = withUnsafePointer(to: &item.pointee.d_name) { pointer in
          pointer.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
        }
        if let pid = Int32(name), let entry = Entry(pid: pid) { entries.append(entry) }
      }
    }
    self.entries = entries
  }

  /// Everything below a process, except the given processes and everything below those.
  func descendants(of ancestor: Int32, except kept: Set<Int32> = []) -> [Entry] {
    var children: [Int32: [Entry]] = [:]
    for entry in entries { children[entry.parent, default: []].append(entry) }
    var found: [Entry] = []
    var next = [ancestor]
    while let parent = next.popLast() {
      for child in children[parent] ?? [] where !kept.contains(child.pid) {
        found.append(child)
        next.append(child.pid)
      }
    }
    return found
  }
}

/// The text of a file of at most 4 KiB, such as those of /proc; `nil` when it cannot be read.
func readSmallFile(_ path: String) -> String? {
  let number = open(path, O_RDONLY | O_CLOEXEC)
  guard number >= 0 else { return nil }
  let file = Descriptor(owning: number)
  guard case .bytes(let bytes) = file.read() else { return nil }
  return String(decoding: bytes, as: UTF8.self)
}
