import Glibc
import JSON
import Testing

/// One recorded call of the original: what went in, what came out.
struct Vector: Sendable {
  let file: String
  let line: Int
  let input: JSON
  let output: JSON

  var place: String { "\(file):\(line)" }
}

/// The recorded calls of the original. All `*.jsonl` files of the folder are read; `op` tells the kind, not the file.
enum VectorFile {
  /// `STACK_DEPLOY_TEST_VECTORS`, else the folder among the test data.
  static let folder: String = {
    if let folder = getenv("STACK_DEPLOY_TEST_VECTORS") { return String(cString: folder) }
    let tests = #filePath.split(separator: "/", omittingEmptySubsequences: false).dropLast(2)
    return tests.joined(separator: "/") + "/Resources/vectors"
  }()

  /// The calls of one kind, such as `constraint`.
  static func vectors(of op: String) throws -> [Vector] {
    let marks = ["\"op\": \"\(op)\"", "\"op\":\"\(op)\""]
    var vectors: [Vector] = []
    for file in try files() {
      let bytes = try contents(of: folder + "/" + file)
      for (index, line) in bytes.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false).enumerated() {
        // Looking for the mark first spares the parsing of the other kinds' lines.
        let start = String(decoding: line.prefix(200), as: UTF8.self)
        guard marks.contains(where: start.contains) || (line.count > 200 && !start.contains("\"op\"")) else { continue }
        let json = try JSON(parsing: Array(line))
        guard json["in"]?["op"]?.stringValue == op, let input = json["in"], let output = json["out"] else { continue }
        vectors.append(Vector(file: file, line: index + 1, input: input, output: output))
      }
    }
    return vectors
  }

  private static func files() throws -> [String] {
    guard let stream = opendir(folder) else { throw UnreadableVectors(path: folder, errno: errno) }
    defer { closedir(stream) }
    var names: [String] = []
    while let entry = readdir(stream) {
      let name = withUnsafePointer(to: &entry.pointee.d_name) {
        $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
      }
      if name.hasSuffix(".jsonl") { names.append(name) }
    }
    return names.sorted()
  }

  private static func contents(of path: String) throws -> [UInt8] {
    guard let file = fopen(path, "re") else { throw UnreadableVectors(path: path, errno: errno) }
    defer { fclose(file) }
    var bytes: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: 1 << 16)
    while true {
      let count = fread(&buffer, 1, buffer.count, file)
      if count == 0 { return bytes }
      bytes += buffer[..<count]
    }
  }
}

struct UnreadableVectors: Error, CustomStringConvertible {
  let path: String
  let errno: Int32

  var description: String { "cannot read the vectors at \(path): \(String(cString: strerror(errno)))" }
}

/// What comparing ours with the original gave.
enum Verdict {
  case equal
  /// Not equal, as a rule of docs/compatibility.md says, whose id this is.
  case differing(rule: String)
  case wrong(String)
}

/// Checks all vectors of one kind, records what is wrong (the first twenty in full), and prints one line such as
/// `vectors constraint: 905 passed, 2 differing as documented`.
func checkVectors(
  _ op: String, sourceLocation: SourceLocation = #_sourceLocation, verdict: (Vector) throws -> Verdict
) throws {
  var passed = 0
  var differing: [String: Int] = [:]
  var wrong = 0
  let vectors = try VectorFile.vectors(of: op)
  for vector in vectors {
    let problem: String
    do {
      switch try verdict(vector) {
      case .equal:
        passed += 1
        continue
      case .differing(let rule):
        differing[rule, default: 0] += 1
        continue
      case .wrong(let text): problem = text
      }
    } catch {
      problem = "error: \(error)"
    }
    wrong += 1
    if wrong <= 20 {
      Issue.record("\(vector.place): \(vector.input.text)\n\(problem)", sourceLocation: sourceLocation)
    }
  }
  let documented = differing.values.reduce(0, +)
  var line = "vectors \(op): \(passed) passed, \(documented) differing as documented"
  if documented > 0 {
    line += " (\(differing.sorted { $0.key < $1.key }.map { "\($0.key) \($0.value)" }.joined(separator: ", ")))"
  }
  if wrong > 0 { line += ", \(wrong) WRONG" }
  if vectors.isEmpty { line += " (no vectors of this kind in \(VectorFile.folder))" }
  print(line)
  #expect(wrong == 0, "\(line)", sourceLocation: sourceLocation)
}

/// Compares a result with the original's; the texts of both go into the report.
func compare(_ ours: String, with original: String) -> Verdict {
  ours.utf8.elementsEqual(original.utf8) ? .equal : .wrong("ours:     \(ours)\noriginal: \(original)")
}
