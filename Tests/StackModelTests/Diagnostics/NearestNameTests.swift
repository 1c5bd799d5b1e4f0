import Testing

@testable import StackModel

@Suite struct NearestNameTests {
  static let fields = ["cpu", "mem", "ports", "launch_command", "dependencies"]

  @Test(arguments: [
    ("cpus", "cpu"), ("CPU", "cpu"), ("meme", "mem"), ("lunch_comand", "launch_command"), ("port", "ports"),
    ("depnedencies", "dependencies"),
  ])
  func findsTheNearName(misspelt: String, meant: String) {
    #expect(NearestName.to(misspelt, among: Self.fields) == meant)
  }

  @Test(arguments: ["zookeeper", "x", "", "volumes"])
  func findsNothingFarAway(name: String) {
    #expect(NearestName.to(name, among: Self.fields) == nil)
  }

  @Test func theFirstOfEquallyNearNamesWins() {
    #expect(NearestName.to("kafka-3", among: ["kafka-1", "kafka-2"]) == "kafka-1")
  }

  @Test(arguments: [("", "abc", 3), ("abc", "abc", 0), ("ab", "ba", 1), ("ca", "abc", 3), ("kitten", "sitting", 3)])
  func distances(first: String, second: String, expected: Int) {
    #expect(NearestName.distance(Array(first), Array(second)) == expected)
    #expect(NearestName.distance(Array(second), Array(first)) == expected)
  }
}
