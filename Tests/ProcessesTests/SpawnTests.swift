import Glibc
import Testing

@testable import Processes

struct SpawnTests {
  private let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  private func run(
    _ script: String, environment: [String: String] = searchPath, input: ProcessSpecification.Input = .null,
    descriptors: [Int32: Int32] = [:]
  ) async throws -> Processes.ExitStatus {
    let process = try ProcessReactor.shared.spawn(
      ProcessSpecification(
        executable: "/bin/sh", arguments: ["-c", script], environment: environment, workingDirectory: folder.path,
        input: input, output: .file("\(folder.path)/out", append: false),
        error: .file("\(folder.path)/err", append: true), descriptors: descriptors))
    return await process.exitStatus()
  }

  @Test func exitCodesAndSignalsAreToldApart() async throws {
    #expect(try await run("exit 7") == .exited(7))
    #expect(try await run("kill -KILL $$") == .signalled(SIGKILL))
  }

  @Test func theChildHasExactlyTheGivenEnvironmentFolderAndOutput() async throws {
    #expect(try await run("env; pwd; echo oops >&2", environment: ["A": "1 2", "B": "ü"]) == .exited(0))
    let lines = Set(folder.text("out").split(separator: "\n").map(String.init))
    #expect(lines == ["A=1 2", "B=ü", "PWD=\(folder.path)", folder.path])
    #expect(folder.text("err") == "oops\n")
  }

  @Test func outputFilesAreEmptiedOrAppendedTo() async throws {
    for text in ["first", "second"] { _ = try await run("echo \(text); echo \(text) >&2") }
    #expect(folder.text("out") == "second\n")
    #expect(folder.text("err") == "first\nsecond\n")
  }

  @Test func noOtherDescriptorIsInherited() async throws {
    // As a careless library leaves it: without close-on-exec.
    let leaked = open("/dev/null", O_RDONLY)
    defer { close(leaked) }
    #expect(try await run("exec ls /proc/self/fd") == .exited(0))
    // ls has 0 to 2, and the folder that it lists.
    #expect(folder.text("out").split(separator: "\n") == ["0", "1", "2", "3"])
  }

  @Test func descriptorsMayChangePlaces() async throws {
    let (one, two) = (try Descriptor.pipe(), try Descriptor.pipe())
    let (low, high) = (min(one.writing.number, two.writing.number), max(one.writing.number, two.writing.number))
    // Duplicated below 10, because dash takes one digit only.
    let script = "echo low >/proc/self/fd/\(low); echo high >/proc/self/fd/\(high)"
    #expect(try await run(script, descriptors: [low: high, high: low]) == .exited(0))
    for pipe in [one, two] {
      guard case .bytes(let bytes) = pipe.reading.read() else {
        Issue.record("nothing arrived")
        continue
      }
      #expect(String(decoding: bytes, as: UTF8.self) == (pipe.writing.number == low ? "high\n" : "low\n"))
    }
  }

  @Test func inputComesFromADescriptor() async throws {
    let pipe = try Descriptor.pipe()
    #expect(write(pipe.writing.number, "hello\n", 6) == 6)
    #expect(try await run("read line; echo got $line", input: .descriptor(pipe.reading.number)) == .exited(0))
    #expect(folder.text("out") == "got hello\n")
  }

  @Test func signalsAreDefaultInTheChild() async throws {
    signal(SIGUSR1, SIG_IGN)
    defer { signal(SIGUSR1, SIG_DFL) }
    #expect(try await run("kill -USR1 $$; exit 0") == .signalled(SIGUSR1))
  }

  @Test func theGroupGetsTheSignal() async throws {
    let process = try ProcessReactor.shared.spawn(
      ProcessSpecification(
        executable: "sh", arguments: ["-c", "sleep 600 & echo $! > child; wait; wait"], environment: searchPath,
        workingDirectory: folder.path))
    #expect(try await eventually { folder.text("child").hasSuffix("\n") })
    let child = try #require(pids(folder.text("child")).first)
    process.signalGroup(SIGTERM)
    #expect(await process.exitStatus() == .signalled(SIGTERM))
    #expect(try await eventually { !lives(child) })
    process.signal(SIGKILL)  // to nobody
  }

  @Test func aMissingProgramOrFolderIsAnErrorThatNamesIt() throws {
    let missing = #expect(throws: ProcessError.self) {
      try ProcessReactor.shared.spawn(ProcessSpecification(executable: "/nonexistent/program"))
    }
    #expect(missing?.code == .notExecutable)
    #expect(missing?.description.contains("/nonexistent/program") == true)
    let unknown = #expect(throws: ProcessError.self) {
      try ProcessReactor.shared.spawn(ProcessSpecification(executable: "no-such-program-here"))
    }
    #expect(unknown?.description.contains("no-such-program-here") == true)
    let folder = #expect(throws: ProcessError.self) {
      try ProcessReactor.shared.spawn(ProcessSpecification(executable: "true", workingDirectory: "/nonexistent"))
    }
    #expect(folder?.description.contains("working directory") == true)
  }

  @Test func manyProcessesAtOnceAllEnd() async throws {
    let processes = try (0..<100).map { number in
      try ProcessReactor.shared.spawn(ProcessSpecification(executable: "sh", arguments: ["-c", "exit \(number)"]))
    }
    for (number, process) in processes.enumerated() { #expect(await process.exitStatus() == .exited(Int32(number))) }
  }
}
