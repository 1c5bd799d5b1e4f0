import Glibc
import JSON

/// The folders of recorded cases: the one among the test data, and a further one that `STACK_DEPLOY_TEST_CASES` names.
enum CaseFiles {
  static var folders: [String] {
    let tests = #filePath.split(separator: "/", omittingEmptySubsequences: false).dropLast(2).joined(separator: "/")
    let further = getenv("STACK_DEPLOY_TEST_CASES").map { [String(cString: $0)] } ?? []
    return ["\(tests)/Resources/cases"] + further
  }

  static func cases(in folder: String) throws -> [RecordedCase] {
    let names = Folder.names(in: folder).filter { $0.hasSuffix(".json") }
    guard !names.isEmpty else { throw CommandFailure("there are no recorded cases in \(folder)") }
    return try names.map { name in
      let file = "\(folder)/\(name)"
      do {
        return try RecordedCase(JSON(parsing: try Folder.contents(of: file)))
      } catch {
        throw CommandFailure("\(file): \(error)")
      }
    }
  }
}
