import StackAPI
import Testing

@Suite struct APIFileRulesTests {
  private func problems(_ paths: [String]) -> [String] {
    APIFileRules.problems(of: paths.map { APIFileRules.Candidate(path: $0, size: 0) })
  }

  @Test(arguments: [
    "a", "hooks/register.lua", ".hidden/x", "a..b/...", "Ä/日本/🚀.lua", "e\u{301}", "a/\u{301}b", " ", "-rf",
    "a b?c#d%2F",
    String(repeating: "p", count: 255),
  ])
  func whatMayBe(_ path: String) {
    #expect(APIFileRules.problems(ofPath: path) == [])
  }

  @Test(arguments: [
    ("", ["a path is empty"]),
    (
      "/",
      ["its path begins with /; paths are relative to the folder of the stack's source", "its path has an empty part"]
    ),
    ("a/", ["its path has an empty part"]),
    (".", ["its path has a part . or .."]),
    ("a/../..", ["its path has a part . or .."]),
    ("\u{85}", ["its path has control characters"]),
    ("a\nb", ["its path has control characters"]),
    ("..\\x//", ["its path has a backslash; folders are parted by /", "its path has an empty part"]),
    (String(repeating: "é", count: 128), ["its path has 256 bytes; it may have 255"]),
  ])
  func whatMayNot(_ path: String, _ expected: [String]) {
    #expect(APIFileRules.problems(ofPath: path) == expected)
  }

  @Test func severalTogether() {
    #expect(problems([]) == [])
    #expect(problems(["a", "A", "a.b", "b/a", "b/c", "ab/c"]) == [])
    #expect(problems(["a", "a"]) == [#"file "a": it comes twice"#])
    #expect(problems(["caf\u{E9}", "cafe\u{301}"]).count == 1)
    #expect(
      problems(["x/y/z", "x/y", "x"]) == [
        #"file "x/y/z": it lies in "x", which is a file as well"#,
        #"file "x/y/z": it lies in "x/y", which is a file as well"#,
        #"file "x/y": it lies in "x", which is a file as well"#,
      ])
  }

  @Test func sizes() {
    let (size, total) = (APIFileRules.largestSize, APIFileRules.largestTotal)
    func problems(_ sizes: [Int]) -> [String] {
      APIFileRules.problems(
        of: sizes.enumerated().map { APIFileRules.Candidate(path: "f\($0.offset)", size: $0.element) })
    }
    #expect(problems(Array(repeating: size, count: total / size)) == [])
    #expect(problems(Array(repeating: size, count: total / size) + [1]).count == 1)
    #expect(problems([size + 1]).count == 1)
    #expect(problems(Array(repeating: 0, count: APIFileRules.largestCount)) == [])
    #expect(problems(Array(repeating: 0, count: APIFileRules.largestCount + 1)).count == 1)
  }

  /// A sentence is no longer than what it is about may be.
  @Test func longPathsAreCut() {
    let path = String(repeating: "é/", count: 100_000)
    let told = problems([path])
    #expect(told.allSatisfy { $0.utf8.count < 300 })
    #expect(told.contains { $0.hasSuffix("its path has 300000 bytes; it may have 255") })
  }
}
