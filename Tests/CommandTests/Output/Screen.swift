@testable import stack_deploy

/// As much of a terminal as the drawing needs: wrapping, scrolling, and a reflow when it is made narrower.
struct Screen {
  private(set) var columns: Int
  private(set) var rows: Int
  /// What has scrolled out at the top, the oldest first.
  private(set) var scrolledOut: [String] = []
  private var cells: [[Character]]
  private var row = 0
  private var column = 0

  init(columns: Int, rows: Int) {
    self.columns = columns
    self.rows = rows
    cells = Array(repeating: [], count: rows)
  }

  /// Without the empty ones at the end.
  var lines: [String] {
    var lines = cells.map { String($0).trimmingEnd }
    while lines.last == "" { lines.removeLast() }
    return lines
  }

  mutating func write(_ text: String) {
    var rest = Substring(text)
    while let character = rest.popFirst() {
      switch character {
      case "\n":
        column = 0
        goDown()
      case "\r": column = 0
      case "\u{1B}":
        rest.removeFirst()
        let parameters = rest.prefix { !$0.isLetter }
        rest.removeFirst(parameters.count)
        if let command = rest.popFirst() { obey(command, String(parameters)) }
      default: put(character)
      }
    }
  }

  mutating func resize(columns: Int, rows: Int) {
    var content = cells.prefix(row + 1).flatMap { line -> [[Character]] in
      guard !line.isEmpty else { return [[]] }
      return stride(from: 0, to: line.count, by: columns).map { Array(line[$0..<min(line.count, $0 + columns)]) }
    }
    while content.count > rows { scrolledOut.append(String(content.removeFirst())) }
    row = content.count - 1
    cells = content + Array(repeating: [], count: rows - content.count)
    (self.columns, self.rows) = (columns, rows)
  }

  private mutating func put(_ character: Character) {
    let width = max(1, DisplayWidth.of(String(character)))
    if column + width > columns {
      column = 0
      goDown()
    }
    while cells[row].count < column + width { cells[row].append(" ") }
    cells[row][column] = character
    // The second half of a wide one.
    if width == 2 { cells[row][column + 1] = "\u{200B}" }
    column += width
  }

  private mutating func goDown() {
    if row < rows - 1 {
      row += 1
    } else {
      scrolledOut.append(String(cells.removeFirst()))
      cells.append([])
    }
  }

  private mutating func obey(_ command: Character, _ parameters: String) {
    switch (command, parameters) {
    case ("A", _): row = max(0, row - (Int(parameters) ?? 1))
    case ("H", ""): (row, column) = (0, 0)
    case ("J", ""):
      cells[row] = Array(cells[row].prefix(column))
      for below in cells.indices.dropFirst(row + 1) { cells[below] = [] }
    case ("J", "2"): cells = Array(repeating: [], count: rows)
    case ("K", "2"): cells[row] = []
    // As terminals do: the cursor behind a full line stands on its last cell.
    case ("K", ""): cells[row] = Array(cells[row].prefix(min(column, columns - 1)))
    default: break
    }
  }
}

extension String {
  fileprivate var trimmingEnd: String {
    var text = self
    while text.last == " " { text.removeLast() }
    return text.filter { $0 != "\u{200B}" }
  }
}
