import Testing

@testable import StackModel

@Suite struct PatternTests {
  @Test(arguments: [
    ("r1", "rack-r12", true), ("^r1$", "r12", false), ("(?i)R1", "r1", true), ("", "", true), ("", "x", true),
    ("^$", "", true), ("a|r3", "r3", true), (#"\d"#, "r", false), ("ä", "Bär", true), ("^.$", "ä", true),
    (#"^\\C$"#, #"\C"#, true), (#"^\Q\C\E$"#, #"\C"#, true), (#"^\Q\\E$"#, #"\"#, true),
  ])
  func matchesAnywhere(pattern: String, text: String, expected: Bool) throws {
    #expect(try Pattern(pattern).matches(text) == expected)
  }

  // The texts are those of Go's regexp/syntax.
  @Test(arguments: [
    ("(", "missing closing ): `(`"), ("[a", "missing closing ]: `[a`"), ("a)", "unexpected ): `a)`"),
    ("*", "missing argument to repetition operator: `*`"), ("a**", "invalid nested repetition operator: `**`"),
    ("a\\", "trailing backslash at end of expression: ``"), (#"\8"#, #"invalid escape sequence: `\8`"#),
    ("[z-a]", "invalid character class range: `z-a`"), ("a{1001}", "invalid repeat count: `{1001}`"),
    ("(?=a)", "invalid or unsupported Perl syntax: `(?=`"), ("(?P<n", "invalid named capture: `(?P<n`"),
    (#"a\C"#, #"invalid escape sequence: `\C`"#), (#"\Q\C\E\C"#, #"invalid escape sequence: `\C`"#),
    (#"\p{Foo}"#, #"invalid character class range: `\p{Foo}`"#), ("(?i", "invalid or unsupported Perl syntax: `(?i`"),
    ("x{2}{3}", "invalid nested repetition operator: `{2}{3}`"), ("a++", "invalid nested repetition operator: `++`"),
  ])
  func refusesInTheWordsOfGo(pattern: String, words: String) {
    #expect {
      try Pattern(pattern)
    } throws: { error in
      "\(error)" == "error parsing regexp: \(words)"
    }
  }

  @Test func aPatternThatNeedsMuchMemoryIsRefused() {
    #expect {
      try Pattern("((a{100}){100}){100}")
    } throws: { error in
      [.tooLarge, .repetitionTooLarge].contains((error as? PatternError)?.reason)
    }
  }

  @Test func timeIsLinear() throws {
    // Exponential in a backtracking matcher.
    let pattern = try Pattern(String(repeating: "a?", count: 40) + String(repeating: "a", count: 40))
    #expect(pattern.matches(String(repeating: "a", count: 40)))
  }

  @Test func equalityIsByBytes() throws {
    #expect(try Pattern("é") == Pattern("é"))
    #expect(try Pattern("\u{e9}") != Pattern("e\u{301}"))
  }
}
