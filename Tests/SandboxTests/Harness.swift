import Concurrency
import Glibc
import JSON
import Processes
import ScriptHost
import TestFolders
import Testing

/// The worker that lies beside the tests, and scripts in it.
enum Sandbox {
  static func host(concurrency: Int = 64) throws -> ScriptHost {
    ScriptHost(try WorkerProgram.open(), concurrency: concurrency)
  }

  static func invocation(
    _ source: String, name: String = "a.lua", limits: ScriptLimits = ScriptLimits(), result: Bool = true,
    functions: [String] = []
  ) -> ScriptInvocation {
    ScriptInvocation(
      name: name, source: Array(source.utf8), seed: (1, 2), limits: limits, hasOutput: true, wantsResult: result,
      functions: functions.map(Self.bare))
  }

  /// A function that is not described in the registry.
  static func bare(_ name: String) -> HostFunction { HostFunction(name, recording: .answer, doc: "For tests.") }

  /// The value of a script.
  static func value(_ source: String) async throws -> JSON { try await host().run(invocation(source)) }

  /// Why a script fails.
  static func failure(
    _ source: String, limits: ScriptLimits = ScriptLimits()
  ) async throws -> ScriptFailure {
    let host = try host()
    do throws(ScriptFailure) {
      let value = try await host.run(invocation(source, limits: limits))
      throw ScriptFailure(.runtime, "it has not failed, but returned \(value)")
    } catch {
      return error
    }
  }

  /// What a script prints.
  static func output(_ source: String) async throws -> String {
    let printed = Locked<[UInt8]>([])
    _ = try await host().run(
      invocation(source, result: false), output: { bytes in printed.withLock { $0 += bytes } })
    return String(decoding: printed.withLock { $0 }, as: UTF8.self)
  }
}

enum Files {
  /// A file or folder among the tests' resources.
  static func resource(_ name: String) throws -> String {
    let own = String(#filePath.dropLast("/Harness.swift".count))
    let path = "\(own)/Resources/\(name)"
    try #require(access(path, R_OK) == 0, "\(path) is missing")
    return path
  }

  /// The folder of the worker's C sources.
  static let workerSources = root + "Sources/Helpers/script-worker"
  /// What searches begin with.
  static let fuzz = root + "Tests/Fuzz"
  private static let root = String(#filePath.dropLast("Tests/SandboxTests/Harness.swift".count))

  static func bytes(_ path: String) throws -> [UInt8] { try #require(bytesIfAny(path), "cannot open \(path)") }

  /// `nil` where there is no such file, such as that of a process that has just ended.
  static func bytesIfAny(_ path: String) -> [UInt8]? {
    let descriptor = open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { return nil }
    defer { close(descriptor) }
    var bytes: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: 1 << 16)
    while true {
      let count = read(descriptor, &buffer, buffer.count)
      if count <= 0 { return bytes }
      bytes += buffer[..<count]
    }
  }

  static func text(_ path: String) throws -> String { String(decoding: try bytes(path), as: UTF8.self) }

  /// Sorted.
  static func names(in folder: String) -> [String] {
    (try? TestFolders.names(in: folder)) ?? []
  }
}

/// Runs a program and returns how it ended and what it wrote, to both streams.
func runProgram(_ executable: String, _ arguments: [String], in folder: TemporaryFolder) async throws -> (
  Processes.ExitStatus, String
) {
  let output = "\(folder.path)/output-\(UInt32.random(in: 0 ... .max))"
  let process = try ProcessReactor.shared.spawn(
    ProcessSpecification(
      executable: executable, arguments: arguments,
      environment: ["PATH": getenv("PATH").map { String(cString: $0) } ?? "/usr/bin:/bin"],
      output: .file(output, append: true), error: .file(output, append: true)))
  let status = await process.exitStatus()
  return (status, try Files.text(output))
}

/// Compiles C with the clang that comes with Swift. `-fuse-ld=lld`: so does that linker, and it knows the sanitizers' symbols.
func compile(
  _ sources: [String], _ options: [String], libraries: [String] = [], into program: String, in folder: TemporaryFolder
) async throws {
  let arguments = ["-std=c17", "-fuse-ld=lld", "-Wall", "-Wextra", "-Werror"] + options + sources
  let (status, output) = try await runProgram("clang", arguments + ["-o", program] + libraries, in: folder)
  try #require(status == .exited(0), "clang: \(output)")
}

/// A program of the resources that takes the place of the worker's own `main`, its memory and its host, with the sanitizers.
func compileWithWorker(
  _ source: String, _ options: [String], into program: String, in folder: TemporaryFolder
) async throws {
  let replaced: Set = ["main.c", "options.c", "confinement.c", "frames.c", "memory.c"]
  let sources = Files.names(in: Files.workerSources).filter { $0.hasSuffix(".c") && !replaced.contains($0) }
  try await compile(
    sources.map { "\(Files.workerSources)/\($0)" } + [Files.resource(source)],
    [
      "-gline-tables-only", "-fsanitize=address,undefined", "-fno-sanitize-recover=undefined", "-I",
      Files.workerSources, "-I/usr/include/lua5.4",
    ] + options, libraries: ["-llua5.4"], into: program, in: folder)
}

/// The processes of this user whose parent is this one and that are named so.
func children(named name: String) -> [Int32] {
  Files.names(in: "/proc").compactMap { Int32($0) }.filter { pid in
    guard let bytes = Files.bytesIfAny("/proc/\(pid)/stat") else { return false }
    let text = String(decoding: bytes, as: UTF8.self)
    let fields = text.split(separator: ")").last?.split(separator: " ") ?? []
    return text.contains("(\(name))") && fields.count > 1 && fields[1] == "\(getpid())" && fields[0] != "Z"
  }
}
