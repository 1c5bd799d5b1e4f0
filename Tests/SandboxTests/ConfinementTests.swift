import Concurrency
import Glibc
import JSON
import Processes
import ScriptHost
import TestFolders
import Testing

/// What a worker has left of the system, seen from outside while its script waits for the host.
struct ConfinementTests {
  /// Runs a look at the process of a script in the middle of a call.
  private func look(limits: ScriptLimits = ScriptLimits(), _ look: @escaping @Sendable (Int32) throws -> Void)
    async throws
  {
    let error = Locked<(any Error)?>(nil)
    let invocation = Sandbox.invocation("return host.look()", limits: limits, functions: ["host.look"])
    let value = try await Sandbox.host().run(
      invocation,
      call: { _ in
        do {
          let workers = children(named: "script-worker")
          try look(try #require(workers.max()))
        } catch let failure { error.withLock { $0 = failure } }
        return .result(true)
      })
    #expect(value == true)
    if let error = error.withLock({ $0 }) { throw error }
  }

  @Test func noPrivilegesAFilterAndNothingInherited() async throws {
    try await look { pid in
      let status = try Files.text("/proc/\(pid)/status").split(separator: "\n")
      for line in ["NoNewPrivs:\t1", "Seccomp:\t2", "Threads:\t1"] { #expect(status.contains(Substring(line))) }
      let environment = try Files.bytes("/proc/\(pid)/environ")
      #expect(environment.isEmpty)
      #expect(Files.names(in: "/proc/\(pid)/fd") == ["0", "1", "2", "3"])
      var path = [CChar](repeating: 0, count: 100)
      for descriptor in 0...2 {
        let length = readlink("/proc/\(pid)/fd/\(descriptor)", &path, path.count)
        #expect(String(decoding: path.prefix(length).map { UInt8(bitPattern: $0) }, as: UTF8.self) == "/dev/null")
      }
      let length = readlink("/proc/\(pid)/cwd", &path, path.count)
      #expect(String(decoding: path.prefix(length).map { UInt8(bitPattern: $0) }, as: UTF8.self) == "/")
    }
  }

  @Test func theKernelsOwnLimits() async throws {
    let limits = ScriptLimits(cpu: .seconds(3), memory: 32 << 20, frame: 1 << 20)
    try await look(limits: limits) { pid in
      let lines = try Files.text("/proc/\(pid)/limits").split(separator: "\n")
      func limit(_ name: String) -> [String] {
        let line = lines.first { $0.hasPrefix(name) } ?? ""
        return line.dropFirst(name.count).split(separator: " ").prefix(2).map(String.init)
      }
      #expect(limit("Max cpu time") == ["20", "20"])
      #expect(limit("Max file size") == ["0", "0"])
      #expect(limit("Max core file size") == ["0", "0"])
      #expect(limit("Max open files") == ["4", "4"])
      let space = try #require(Int(limit("Max address space")[0]))
      #expect((100 << 20...200 << 20).contains(space))
    }
  }

  @Test func anIdleWorkerIsSmall() async throws {
    try await look { pid in
      let kilobytes = try Files.text("/proc/\(pid)/smaps_rollup").split(separator: "\n").reduce(0) { sum, line in
        guard line.hasPrefix("Private_Clean:") || line.hasPrefix("Private_Dirty:") else { return sum }
        return sum + (Int(line.split(separator: " ")[1]) ?? 0)
      }
      #expect(kilobytes > 0 && kilobytes <= 2048, "\(kilobytes) KiB are private")
    }
  }

  @Test func itGoesFirstWhenTheMachineIsBusy() async throws {
    try await look { pid in
      // /proc/PID/stat: nice is field 19, counted from 1 with pid and name.
      func nice(_ pid: Int32) throws -> Int? {
        let fields = try Files.text("/proc/\(pid)/stat").split(separator: ")").last?.split(separator: " ") ?? []
        return fields.count > 16 ? Int(fields[16]) : nil
      }
      let (own, theirs) = (try #require(try nice(getpid())), try #require(try nice(pid)))
      #expect(theirs > own)
      // The kernel may count priorities within a session alone.
      #expect(getsid(pid) == getsid(0))
      // No signal of a terminal reaches it.
      #expect(getpgid(pid) == pid)
    }
  }

  @Test func itRefusesToBeStartedByHand() async throws {
    let folder = try TemporaryFolder()
    let worker = try HelperLocation.find("script-worker")
    for arguments in [
      [], ["--protocol", "2"], ["--protocol", "1", "--cpu", "1", "--memory", "1", "--frame", "1"], ["--cpu", "x"],
    ] {
      let (status, output) = try await runProgram(worker, arguments, in: folder)
      #expect(status == .exited(64), "\(arguments)")
      #expect(output.contains("It is started by stack-deploy"), "\(arguments): \(output)")
    }
  }
}
