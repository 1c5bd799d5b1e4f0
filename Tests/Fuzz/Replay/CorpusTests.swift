import Glibc
import Testing

/// Every input of the corpus and every input that was ever found, without a fuzzer.
@Suite struct CorpusTests {
  @Test(arguments: FuzzTarget.all.map(\.name))
  func everyInputIsAnsweredWell(_ name: String) async throws {
    // In a process of its own: an input that ends the process ends this one test, which tells which input it was.
    let result = await #expect(processExitsWith: .success, observing: [\.standardErrorContent]) {
      [name = name as String] in
      guard let target = FuzzTarget.named(name) else { exit(2) }
      for folder in [CorpusFolder.corpus, CorpusFolder.regressions].map({ CorpusFolder(path: "\($0)/\(name)") }) {
        for file in folder.names {
          Self.say("\(folder.path)/\(file)")
          do {
            try target.check(try folder.contents(of: file))
          } catch {
            Self.say("\(error)")
            exit(1)
          }
        }
      }
    }
    guard result?.exitStatus == .exitCode(0) else {
      let output = String(decoding: result?.standardErrorContent ?? [], as: UTF8.self)
      Issue.record("\(output.split(separator: "\n").suffix(30).joined(separator: "\n"))")
      return
    }
  }

  @Test func everyFolderBelongsToATargetAndEveryTargetHasOne() {
    let targets = Set(FuzzTarget.all.map(\.name))
    #expect(Set(CorpusFolder(path: CorpusFolder.corpus).names) == targets)
    #expect(targets.isSuperset(of: CorpusFolder(path: CorpusFolder.regressions).names))
    for target in targets {
      #expect(!CorpusFolder(path: "\(CorpusFolder.corpus)/\(target)").names.isEmpty, "\(target) has no corpus")
    }
  }

  private static func say(_ text: String) {
    let line = Array((text + "\n").utf8)
    _ = write(STDERR_FILENO, line, line.count)
  }
}
