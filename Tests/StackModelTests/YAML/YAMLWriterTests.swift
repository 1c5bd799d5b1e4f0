import JSON
import Testing

@testable import StackModel

/// What yaml.v2 of 2016 writes where the recorded stacks do not reach.
@Suite struct YAMLWriterTests {
  private func written(_ text: String) -> String {
    YAMLWriter.write(.mapping([.init(key: .text("k"), value: .text(text))]))
  }

  @Test func aKeyThatLooksLikeAMergeIsQuoted() throws {
    #expect(written("<<") == "k: <<\n")
    let value: JSON = ["<<": "x"]
    #expect(StackYAML.text(value) == "\"<<\": x\n")
    #expect(try YAMLText.json(Array(StackYAML.text(value).utf8), limits: .default) == value)
  }

  @Test func longTextsAreFoldedBehindColumn80() {
    let words = Array(repeating: "word", count: 30).joined(separator: " ")
    let folded = written(words)
    #expect(folded.split(separator: "\n").count == 2)
    #expect(folded.hasPrefix("k: " + Array(repeating: "word", count: 16).joined(separator: " ") + "\n  word"))
    #expect(StackDecoding("name: \(folded.dropFirst(3))").stack?.name == words)
  }

  @Test func quotedTextsAreFoldedToo() {
    let words = Array(repeating: "it's", count: 40).joined(separator: " ")
    for text in ["'" + words, "- " + words, "\t" + words] {
      let folded = written(text)
      #expect(folded.split(separator: "\n").count > 2)
      #expect(StackDecoding("name: \(folded.dropFirst(3))").stack?.name == text)
    }
  }

  @Test func twoSpacesAtTheFoldAreKept() {
    let text = "\t" + String(repeating: "x", count: 90) + "  y"
    #expect(written(text) == "k: \"\\t\(String(repeating: "x", count: 90))\n  \\ y\"\n")
    #expect(StackDecoding("name: \(written(text).dropFirst(3))").stack?.name == text)
  }

  @Test func longKeysAreWrittenAsComplexKeys() {
    let short = String(repeating: "k", count: 128)
    let long = short + "k"
    let value = YAMLValue.mapping([
      .init(key: .text(short), value: .bare("1")), .init(key: .text(long), value: .sequence([.bare("2")])),
    ])
    #expect(YAMLWriter.write(value) == "\(short): 1\n? \(long)\n: - 2\n")
  }

  @Test(arguments: [
    ("", "\"\""), ("a", "a"), ("a: b", "'a: b'"), ("a:b", "a:b"), ("a #b", "'a #b'"), ("a#b", "a#b"), ("- a", "'- a'"),
    ("-a", "-a"), ("?", "'?'"), ("?a", "?a"), ("it's", "it's"), ("'a", "'''a'"), ("a\tb", "\"a\\tb\""),
    ("\u{1F600}", "\"\\U0001F600\""), ("é", "é"), ("\u{85}", "\"\\N\""), ("a\u{0}", "\"a\\0\""), ("12:30", "\"12:30\""),
    ("12:75", "12:75"), ("190:20:30.5", "\"190:20:30.5\""), ("0x", "0x"), ("~", "\"~\""), ("y", "\"y\""),
    ("a\n", "|\n  a"), ("a\nb", "|-\n  a\n  b"), ("a\n\n", "|+\n  a\n"), (" a\nb", "|2-\n   a\n  b"),
    ("a \nb", "\"a \\nb\""), ("a\nb ", "\"a\\nb \""), ("\u{FEFF}ab", "\"\\uFEFF\\x61\\x62\""), ("a\"b\\", "a\"b\\"),
    ("---", "'---'"), ("...a", "'...a'"), ("@a", "'@a'"), ("\u{2028}a\t", "\"\\La\\t\""), ("a\r\n", "\"a\\r\\n\""),
  ])
  func textsAreQuotedAsNeeded(_ text: String, _ expected: String) {
    #expect(written(text) == "k: \(expected)\n")
  }

  @Test func emptyCollectionsAreInFlowStyle() {
    let value = YAMLValue.sequence([.sequence([]), .mapping([]), .sequence([.sequence([.bare("1")])])])
    #expect(YAMLWriter.write(value) == "- []\n- {}\n- - - 1\n")
  }

  /// Whatever the characters, what is written reads back the same.
  @Test func randomTextsReadBackTheSame() {
    var state: UInt64 = 42
    func next(_ limit: Int) -> Int {
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      return Int(state >> 33) % limit
    }
    let characters = Array(" \n\t:#-?[]{},&*!|>'\"%@`ab1.é~\u{1F600}\u{2028}\\0x_")
    for _ in 0..<3_000 {
      let text = String((0..<next(24)).map { _ in characters[next(characters.count)] })
      var application = Application()
      application.args = [text]
      application.env = [text: text]
      application.tasks = [ApplicationTask(text, [.init(key: .string(text), value: .string(text))])]
      let stack = Stack(name: "s", applications: ["a": application])
      let yaml = StackYAML.text(stack)
      let read = StackDecoding(yaml)
      #expect(read.stack == stack, "\(text.debugDescription)\n\(yaml)\n\(read.diagnostics.text)")
    }
  }
}
