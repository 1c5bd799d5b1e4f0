/// Text that others have written, made fit for a terminal: escape sequences are taken out, other control characters
/// become visible (`^G`), a carriage return starts a line. Takes the text in pieces, which may end inside a sequence.
struct TerminalText {
  private enum State {
    case text
    case carriageReturn
    case escape
    /// What came after `ESC [`.
    case sequence(String)
    /// A command to the terminal, such as a title, up to BEL or `ESC \`.
    case command
    case commandEscape
  }

  /// Whether sequences stay that only change colours.
  let keepsColours: Bool
  private var state = State.text
  private var isColoured = false

  init(keepsColours: Bool = false) { self.keepsColours = keepsColours }

  mutating func clean(_ text: String) -> String {
    var result = ""
    for scalar in text.unicodeScalars { take(scalar, &result) }
    return result
  }

  /// What must follow the last piece.
  var end: String { isColoured ? "\u{1B}[0m" : "" }

  private mutating func take(_ scalar: Unicode.Scalar, _ result: inout String) {
    switch state {
    case .carriageReturn:
      state = .text
      result.append("\n")
      if scalar != "\n" { takeText(scalar, &result) }
    case .text: takeText(scalar, &result)
    case .escape: takeEscape(scalar, &result)
    case .sequence(let parameters): takeSequence(scalar, parameters, &result)
    case .command, .commandEscape: takeCommand(scalar, &result)
    }
  }

  private mutating func takeText(_ scalar: Unicode.Scalar, _ result: inout String) {
    switch scalar.value {
    case 0x1B: state = .escape
    case 0x9B: state = .sequence("")
    case 0x90, 0x98, 0x9D...0x9F: state = .command
    case 0x0D: state = .carriageReturn
    case 0x09, 0x0A: result.unicodeScalars.append(scalar)
    case 0..<0x20, 0x7F: result += "^" + String(Unicode.Scalar(UInt8(scalar.value ^ 0x40)))
    case 0x80..<0xA0: result += "\\u{\(String(scalar.value, radix: 16))}"
    // Marks that turn the direction of all that follows.
    case 0x200E, 0x200F, 0x202A...0x202E, 0x2066...0x2069: break
    default: result.unicodeScalars.append(scalar)
    }
  }

  private mutating func takeEscape(_ scalar: Unicode.Scalar, _ result: inout String) {
    switch scalar {
    case "[": state = .sequence("")
    case "]", "P", "X", "^", "_": state = .command
    case "\u{20}"..."\u{2F}", "\u{1B}": break
    case "\u{30}"..."\u{7E}": state = .text
    default:
      state = .text
      takeText(scalar, &result)
    }
  }

  private mutating func takeSequence(_ scalar: Unicode.Scalar, _ parameters: String, _ result: inout String) {
    switch scalar {
    case "\u{20}"..."\u{3F}" where parameters.utf8.count < 64: state = .sequence(parameters + String(scalar))
    case "m" where keepsColours && parameters.allSatisfy { $0.isNumber || $0 == ";" || $0 == ":" }:
      state = .text
      isColoured = !["", "0"].contains(parameters)
      result += "\u{1B}[\(parameters)m"
    case "\u{40}"..."\u{7E}": state = .text
    default:
      state = .text
      takeText(scalar, &result)
    }
  }

  /// A command that is never ended ends with its line.
  private mutating func takeCommand(_ scalar: Unicode.Scalar, _ result: inout String) {
    if case .commandEscape = state {
      state = .escape
      if scalar == "\\" { state = .text } else { takeEscape(scalar, &result) }
      return
    }
    switch scalar.value {
    case 0x1B: state = .commandEscape
    case 0x07, 0x9C: state = .text
    case 0x0A, 0x0D:
      state = .text
      takeText(scalar, &result)
    default: break
    }
  }
}

extension TerminalText {
  /// A whole text of any number of lines, none empty at its end. Tabs are blanks up to every eighth column.
  static func lines(_ text: String) -> [String] {
    var cleaner = TerminalText()
    var lines = cleaner.clean(text).split(separator: "\n", omittingEmptySubsequences: false).map(expandingTabs)
    while lines.last == "" { lines.removeLast() }
    return lines
  }

  /// A text that has to stand on one line.
  static func line(_ text: String) -> String { lines(text).joined(separator: " ") }

  /// A whole text that goes on as it is otherwise.
  static func text(_ text: String) -> String {
    var cleaner = TerminalText()
    return cleaner.clean(text)
  }

  private static func expandingTabs(_ line: Substring) -> String {
    guard line.contains("\t") else { return String(line) }
    var result = ""
    for part in line.split(separator: "\t", omittingEmptySubsequences: false) {
      if !result.isEmpty || part.startIndex != line.startIndex {
        result += String(repeating: " ", count: 8 - DisplayWidth.of(result) % 8)
      }
      result += part
    }
    return result
  }
}
