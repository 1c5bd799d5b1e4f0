import StackAPI
import Testing

@Suite struct LogTextTests {
  @Test func headingsBeginLines() {
    var headings = LogHeadings()
    #expect(headings.text(before: "a", endsLine: false) == "==> a <==\n")
    #expect(headings.text(before: "a", endsLine: false) == "")
    #expect(headings.text(before: "b", endsLine: true) == "\n\n==> b <==\n")
    #expect(headings.text(before: nil, endsLine: true) == "")
    #expect(headings.text(before: "b", endsLine: false) == "\n==> b <==\n")
    #expect(headings.text(before: nil, endsLine: true) == "\n")
  }

  /// Whatever is cut off is the beginning of a character, and with the rest of it nothing is lost.
  @Test func charactersAreNotCut() {
    let text = Array("aé€😀z".utf8)
    for end in 0...text.count {
      let piece = text[..<end]
      let whole = piece.endOfWholeCharacters
      #expect(String(validating: text[..<whole], as: UTF8.self) != nil, "\(end)")
      #expect(end - whole < 4)
      #expect(end == whole || String(validating: piece, as: UTF8.self) == nil, "\(end)")
    }
  }

  @Test func whatIsNoTextIsNotHeldBack() {
    for bytes: [UInt8] in [[0x80], [0x80, 0x80, 0x80, 0x80, 0x80], [0xFF, 0x80, 0x80, 0x80], [0xC3, 0x41]] {
      #expect(bytes.endOfWholeCharacters == bytes.endIndex, "\(bytes)")
    }
    #expect([UInt8]().endOfWholeCharacters == 0)
  }
}
