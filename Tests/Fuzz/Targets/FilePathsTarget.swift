import HTTPServer
import HTTPTypes
import StackAPI

extension FuzzTarget {
  /// Paths of files that come with a stack: each line is one. What is taken leads nowhere but into its folder, and is found
  /// again by its address.
  static let filePaths = FuzzTarget(
    name: "file-paths", summary: "paths of the files that come with a stack", longestInput: 1_024
  ) { bytes in
    let paths = lines(bytes)
    let problems = APIFileRules.problems(of: paths.map { APIFileRules.Candidate(path: $0, size: 0) })
    for path in paths {
      let own = APIFileRules.problems(ofPath: path)
      try require(own.isEmpty || !problems.isEmpty, "\(path.debugDescription) is wrong alone, and right among others")
      try require(!APIFileRules.shown(path).utf8.contains { $0 < 0x20 || $0 == 0x7F }, "a sentence with controls")
      guard own.isEmpty else { continue }
      try require(
        (1...APIFileRules.longestPath).contains(path.utf8.count), "\(path) has no length that a path may have")
      try require(!path.utf8.contains { $0 < 0x20 || $0 == 0x7F || $0 == UInt8(ascii: "\\") }, "\(path) has controls")
      var depth = 0
      for part in path.utf8.split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false) {
        try require(!part.isEmpty && !part.elementsEqual(".".utf8), "\(path) has a part that is none")
        depth += part.elementsEqual("..".utf8) ? -1 : 1
        try require(depth > 0, "\(path) leads out of its folder")
      }
      let target = APIRoute.showStackFile.path("s", path)
      guard let request = HTTPRequest(method: .get, target: target) else {
        throw Violation(description: "\(target), the address of \(path), is no target of a request")
      }
      try requireSame(
        request.pathSegments.dropFirst(5).joined(separator: "/"), path, "the address stands for another path")
      try require(request.path == target, "the address \(target) is cut")
    }
    if problems.isEmpty {
      try require(Set(paths).count == paths.count, "a path twice")
      // What may come can be laid into folders: no file is a folder of another one.
      for path in paths {
        try require(!paths.contains { $0.utf8.starts(with: Array(path.utf8) + [UInt8(ascii: "/")]) }, "\(path) is both")
      }
    }
  }
}
