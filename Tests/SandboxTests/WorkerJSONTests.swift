import Processes
import TestFolders
import Testing

/// The worker's own decoder and encoder, which `scripts/fuzz` does not reach: they are C inside of another program.
struct WorkerJSONTests {
  /// The same search each time, from what the targets of `scripts/fuzz` begin with.
  @Test(.timeLimit(.minutes(5))) func aSearchFindsNothing() async throws {
    let folder = try TemporaryFolder()
    let program = "\(folder.path)/fuzz-json"
    try await compileWithWorker("fuzz-json.c", ["-O1", "-fsanitize=fuzzer"], into: program, in: folder)
    let (status, output) = try await runProgram(
      program,
      // The first folder takes what it finds worth keeping.
      ["-seed=1", "-runs=4000", "-max_len=256", "-timeout=30", "-rss_limit_mb=1024", "-print_final_stats=1"]
        + ["-dict=\(Files.fuzz)/Dictionaries/json.dict", "-artifact_prefix=\(folder.path)/"]
        + ["-create_missing_dirs=1", "\(folder.path)/found"]
        + ["Corpus", "Regressions"].map { "\(Files.fuzz)/\($0)/json" }.filter { !Files.names(in: $0).isEmpty },
      in: folder)
    #expect(status == .exited(0) && output.contains("Done 4000 runs"), "\(output)")
  }
}
