/// Lines that are drawn over and over at the same place of a terminal. What is above them is left alone, unless the
/// terminal was made narrower.
struct TerminalDrawing {
  private var height = 0
  private var size: Terminal.Size?

  /// What to write to have the lines in the place of the former ones. They must fit the size, or be the last ones.
  mutating func text(of lines: [String], on size: Terminal.Size) -> String {
    var text = "\u{1B}[?25l"
    if let former = self.size, former.columns > size.columns {
      // Most terminals have broken the long lines in two: nobody knows where the drawing began.
      text += "\u{1B}[H\u{1B}[2J"
    } else if height > 0 {
      text += "\u{1B}[\(height)A"
    }
    text += "\r"
    // Each line is cleared, not the whole screen, which would flicker; and before it is written, because behind a line
    // that is as wide as the terminal this would take its last character.
    for line in lines { text += "\u{1B}[2K\(line)\n" }
    text += "\u{1B}[J\u{1B}[?25h"
    height = lines.count
    self.size = size
    return text
  }
}
