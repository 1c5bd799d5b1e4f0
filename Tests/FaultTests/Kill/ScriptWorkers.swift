import Glibc
import Processes
import TestFolders

/// The processes that scripts of servers run in, as the system lists them.
enum ScriptWorkers {
  /// Those that a process has started.
  static func children(of server: Int32) -> [Int32] { all().filter { $0.parent == server }.map(\.number) }

  /// Those whose server is no more. Others' builds have workers of their own.
  static func orphans() throws -> [Int32] {
    let program = resolved(try HelperLocation.find("script-worker"))
    return all().filter { worker in
      worker.parent != getpid() && resolved("/proc/\(worker.number)/exe") == program
        && !["faulty-server", "stack-deploy"].contains(name(resolved("/proc/\(worker.parent)/exe") ?? ""))
    }.map(\.number)
  }

  /// Whether all of these are gone within that time.
  static func areGone(_ workers: [Int32], within patience: Duration) async throws -> Bool {
    let deadline = ContinuousClock.now + patience
    while true {
      let living = Set(all().map(\.number))
      if workers.allSatisfy({ !living.contains($0) }) { return true }
      guard ContinuousClock.now < deadline else { return false }
      try await Task.sleep(for: .milliseconds(5))
    }
  }

  private static func all() -> [(number: Int32, parent: Int32)] {
    ((try? names(in: "/proc")) ?? []).compactMap { name in
      // `17 (script-worker) S 1 …`
      guard let number = Int32(name), let text = try? contents(of: "/proc/\(name)/stat") else { return nil }
      let parts = String(decoding: text, as: UTF8.self).split(separator: " ", maxSplits: 4)
      guard parts.count == 5, parts[1] == "(script-worker)", parts[2] != "Z", let parent = Int32(parts[3]) else {
        return nil
      }
      return (number, parent)
    }
  }

  private static func resolved(_ path: String) -> String? {
    guard let resolved = realpath(path, nil) else { return nil }
    defer { free(resolved) }
    return String(cString: resolved)
  }

  private static func name(_ path: String) -> String { path.split(separator: "/").last.map(String.init) ?? "" }
}
