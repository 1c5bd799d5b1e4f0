import Processes
import TestFolders
import Testing

/// The worker's C, under AddressSanitizer, with an allocator that fails.
struct AllocatorTests {
  /// Every allocation of a script that uses everything fails once, twice in a row, and from there on: no crash, no leak, and an end.
  @Test(.timeLimit(.minutes(2))) func everyAllocationFailsOnce() async throws {
    let folder = try TemporaryFolder()
    let program = "\(folder.path)/failing-allocator"
    try await compileWithWorker("failing-allocator.c", ["-O0"], into: program, in: folder)
    let (status, output) = try await runProgram(program, [Files.resource("scripts/allocations.lua")], in: folder)
    #expect(status == .exited(0), "\(output)")
    let counts = output.split(separator: "\n").compactMap { Int($0.split(separator: " ").last ?? "") }
    #expect(counts.count == 3 && counts.allSatisfy { $0 > 1500 }, "\(output)")
  }
}
