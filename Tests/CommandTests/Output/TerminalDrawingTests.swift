import Testing

@testable import stack_deploy

struct TerminalDrawingTests {
  private func lines(_ count: Int, _ text: String = "line", columns: Int = 80) -> [String] {
    (1...count).map { DisplayWidth.cut("\(text) \($0)", to: columns) }
  }

  @Test func aDrawingTakesTheFormerOnesPlaceAndNoMore() {
    var screen = Screen(columns: 20, rows: 8)
    let size = Terminal.Size(columns: 20, rows: 8)
    var drawing = TerminalDrawing()
    screen.write("$ stack-deploy run\n")
    screen.write(drawing.text(of: ["one", "two", "three"], on: size))
    screen.write(drawing.text(of: ["eins", "zwei"], on: size))
    #expect(screen.lines == ["$ stack-deploy run", "eins", "zwei"])
    screen.write("after\n")
    #expect(screen.lines == ["$ stack-deploy run", "eins", "zwei", "after"])
  }

  @Test func aLineAsWideAsTheTerminalIsWhole() {
    var screen = Screen(columns: 10, rows: 6)
    var drawing = TerminalDrawing()
    for _ in 0..<3 {
      screen.write(drawing.text(of: ["0123456789", "日本語日本", "x"], on: Terminal.Size(columns: 10, rows: 6)))
    }
    #expect(screen.lines == ["0123456789", "日本語日本", "x"])
  }

  @Test func theTallestDrawingScrollsOnceOnly() {
    var screen = Screen(columns: 20, rows: 6)
    let size = Terminal.Size(columns: 20, rows: 6)
    var drawing = TerminalDrawing()
    screen.write("before\n")
    for number in 1...9 { screen.write(drawing.text(of: lines(5, "\(number)"), on: size)) }
    #expect(screen.lines == ["9 1", "9 2", "9 3", "9 4", "9 5"])
    #expect(screen.scrolledOut == ["before"])
    // The last one may be larger.
    screen.write(drawing.text(of: lines(9, "end"), on: size))
    #expect(screen.scrolledOut + screen.lines == ["before"] + lines(9, "end"))
  }

  @Test(arguments: [(40, 10, 15, 10), (40, 10, 60, 10), (40, 10, 40, 4), (40, 4, 40, 10), (40, 10, 12, 5)])
  func aResizedTerminalIsDrawnAnew(columns: Int, rows: Int, newColumns: Int, newRows: Int) {
    var screen = Screen(columns: columns, rows: rows)
    var drawing = TerminalDrawing()
    let old = lines(rows - 1, "a long line that fills it all to the end", columns: columns)
    screen.write(drawing.text(of: old, on: Terminal.Size(columns: columns, rows: rows)))
    screen.resize(columns: newColumns, rows: newRows)
    let new = lines(newRows - 1, "a long line that fills it all to the end", columns: newColumns)
    for _ in 0..<3 {
      screen.write(drawing.text(of: new, on: Terminal.Size(columns: newColumns, rows: newRows)))
      #expect(screen.lines == new)
    }
  }

  @Test(arguments: [
    ([:], false, false), (["TERM": "dumb"], false, false), (["TERM": "xterm"], true, true),
    (["TERM": "xterm", "NO_COLOR": "1"], true, false), (["TERM": "xterm", "NO_COLOR": ""], true, true),
  ])
  func theEnvironmentSaysWhatATerminalCan(environment: [String: String], redraws: Bool, colours: Bool) {
    #expect(Terminal.isCapable(environment) == redraws)
    #expect(Terminal.allowsColours(environment) == colours)
  }
}
