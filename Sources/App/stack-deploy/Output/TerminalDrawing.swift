import CPosix
import Glibc

/// Lines that are drawn over and over at the same place of a terminal. What is above them is left alone.
struct TerminalDrawing {
  private var height = 0

  /// The width of standard output's terminal at this moment.
  static var width: Int {
    let columns = Int(cposix_terminal_columns(STDOUT_FILENO))
    return columns > 0 ? columns : 80
  }

  mutating func draw(_ lines: [String]) {
    var text = "\u{1B}[?25l"
    if height > 0 { text += "\u{1B}[\(height)A" }
    text += "\r"
    // Clearing to the end of each line instead of the whole screen does not flicker.
    for line in lines { text += "\(line)\u{1B}[K\n" }
    text += "\u{1B}[J\u{1B}[?25h"
    Console.write(text)
    height = lines.count
  }
}
