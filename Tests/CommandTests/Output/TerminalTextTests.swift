import Testing

@testable import stack_deploy

struct TerminalTextTests {
  @Test(arguments: [
    ("plain ✔ 日本", "plain ✔ 日本"),
    ("\u{1B}[31mred\u{1B}[0m", "red"),
    ("\u{1B}[2J\u{1B}[H\u{1B}[?25lgone", "gone"),
    ("\u{1B}]0;title\u{7}after", "after"),
    ("\u{1B}]8;;http://x\u{1B}\\link\u{1B}]8;;\u{1B}\\", "link"),
    ("\u{1B}P1;2q###\u{1B}\\x", "x"),
    ("\u{1B}(Bx\u{1B}7y\u{1B}cz", "xyz"),
    ("\u{9B}31mx\u{9D}0;t\u{9C}y", "xy"),
    ("\u{1B}]0;never ended\nnext", "\nnext"),
    ("bell\u{7} null\0 del\u{7F} back\u{8}", "bell^G null^@ del^? back^H"),
    ("nel\u{85}", "nel\\u{85}"),
    ("10%\r20%\r\nend\n", "10%\n20%\nend\n"),
    ("\u{202E}turned\u{202C}", "turned"),
    ("cut \u{1B}", "cut "), ("cut \u{1B}[3", "cut "),
  ])
  func nothingReachesTheTerminalButText(text: String, shown: String) {
    #expect(TerminalText.text(text) == shown)
    // In whatever pieces it comes.
    var cleaner = TerminalText()
    #expect(text.unicodeScalars.map { cleaner.clean(String($0)) }.joined() == shown)
  }

  @Test func coloursStayWhereTheyAreWanted() {
    var cleaner = TerminalText(keepsColours: true)
    #expect(cleaner.clean("\u{1B}[1;3") == "")
    #expect(cleaner.clean("1mred\u{1B}[2J\u{1B}[>4m") == "\u{1B}[1;31mred")
    #expect(cleaner.end == "\u{1B}[0m")
    #expect(cleaner.clean("\u{1B}[m") == "\u{1B}[m")
    #expect(cleaner.end == "")
  }

  @Test func linesHaveTabsAsBlanksAndNoEmptyEnd() {
    #expect(TerminalText.lines("a\tb\n\tc\n日本\td\n\n\r\n") == ["a       b", "        c", "日本    d"])
    #expect(TerminalText.line("a\nb\r\nc") == "a b c")
    #expect(TerminalText.lines("") == [])
  }

  @Test(arguments: [
    ("abc", 3), ("日本", 4), ("🚀", 2), ("e\u{301}", 1), ("✅", 2), ("✔", 1), ("├─ ●", 4), ("\u{200B}", 0), ("🇩🇪", 4),
    ("👩‍👩‍👧", 6),
  ])
  func columnsOfATerminal(text: String, columns: Int) {
    #expect(DisplayWidth.of(text) == columns)
  }
}
