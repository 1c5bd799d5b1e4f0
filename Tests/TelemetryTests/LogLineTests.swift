import Concurrency
import JSON
import Telemetry
import Testing

struct LogLineTests {
  private func line(_ message: String, _ fields: [(key: String, value: JSON)] = []) throws -> LogLine {
    let time = try #require(Timestamp("2026-11-25T03:52:54.123Z"))
    return LogLine(time: time, level: .warning, label: "engine", message: message, fields: fields)
  }

  @Test func textHasTimeLevelLabelMessageAndFields() throws {
    let line = try line(
      "started", [("run", "r1"), ("count", 3), ("note", "two words"), ("empty", ""), ("list", [1, 2])])
    #expect(
      line.text(colours: false)
        == #"2026-11-25T03:52:54.123Z WARNING engine started run=r1 count=3 note="two words" empty="" list=[1,2]"#)
  }

  @Test func coloursAreOnlyAroundWhatTheyMark() throws {
    let text = try line("started", [("run", "r1")]).text(colours: true)
    #expect(text.contains("\u{1B}[33mWARNING\u{1B}[0m"))
    #expect(text.hasSuffix("started \u{1B}[2mrun=\u{1B}[0mr1"))
  }

  @Test func controlCharactersCannotForgeALine() throws {
    let text = try line("first\nsecond\u{1B}[2J\r", [("a=\n", "x\ny"), ("b", "q\"\u{7F}")]).text(colours: false)
    #expect(text.contains("first\n    second\\u{1B}[2J\\r"))
    #expect(text.contains(#"a=\n="x\ny""#))
    #expect(!text.unicodeScalars.contains { ($0.value < 0x20 && $0 != "\n") || $0.value == 0x7F })
  }

  @Test func jsonKeepsItsOwnKeys() throws {
    let json = try line("started", [("level", "high"), ("run", "r\n1")]).json
    #expect(
      json.text
        == #"{"ts":"2026-11-25T03:52:54.123Z","level":"warning","label":"engine","message":"started","#
        + #""level_":"high","run":"r\n1"}"#)
  }
}
