import Concurrency
import StackAPI
import StackModel

/// A run for people: a heading, and a line for each application with its state, its step and why it waits; beneath it one for
/// each application that its scripts work on.
struct RunTree {
  let status: APIRunStatus
  let now: Timestamp
  var hasColours = false
  /// What it has to fit: longer lines are cut, and applications left out where there are too many. `nil` for no limit.
  var size: Terminal.Size?

  var lines: [String] {
    var explanation = status.failure.map(Self.explain) ?? []
    let rows = Self.rows(of: status)
    var selection = Selection(shown: Array(rows.indices), hidden: [])
    if let size {
      let room = max(0, size.rows - 1)
      explanation = Self.shorten(explanation, to: max(room - rows.count, room / 2))
      selection = Self.select(rows, lines: room - explanation.count)
    }
    var lines = [paint(heading, "1")]
    let idWidth = idWidth(of: rows)
    let shown = selection.shown.map { rows[$0] }
    for (row, branch) in zip(shown, Self.branches(of: shown, hasMore: !selection.hidden.isEmpty)) {
      lines.append(line(row, branch: branch, idWidth: idWidth))
    }
    if !selection.hidden.isEmpty, size.map({ lines.count + explanation.count < $0.rows }) ?? true {
      lines.append(cut("└─ \(selection.sentence)"))
    }
    return lines + explanation.map(cut)
  }

  var text: String { lines.map { "\($0)\n" }.joined() }

  /// What went wrong and the end of the log that shows it.
  static func explain(_ failure: APIFailure) -> [String] {
    let place = [failure.application, failure.step].compactMap(\.self).joined(separator: ", ")
    return TerminalText.lines((place.isEmpty ? "" : "\(place): ") + failure.reason)
      + TerminalText.lines(failure.logTail ?? "").map { "  | \($0)" }
  }

  /// Of the column of ids with what they are indented by; not more than half of the screen.
  private func idWidth(of rows: [Row]) -> Int {
    let longest = rows.map { $0.indentation + DisplayWidth.of(TerminalText.line($0.id)) }.max() ?? 0
    return size.map { min(longest, max(8, $0.columns / 2 - 5)) } ?? longest
  }

  private var heading: String {
    let run = status.run
    var text = "run \(run.id)  \(run.kind == "down" ? "down " : "")\(run.stack)"
    if !run.zone.isEmpty { text += " in \(run.zone)" }
    text += "  \(status.cancelling && !run.isFinal ? "cancelling" : run.state)"
    if let start = run.startedAt { text += "  \(elapsed(from: start, to: run.endedAt ?? now))" }
    if let waiting = status.waiting { text += "  \(waiting.sentence)\(duration(of: waiting))" }
    return cut(TerminalText.line(text))
  }

  private func line(_ row: Row, branch: String, idWidth: Int) -> String {
    let (mark, colour) = Self.mark(of: row.state)
    let width = idWidth - row.indentation
    let id = DisplayWidth.cut(TerminalText.line(row.id), to: width)
    let padding = String(repeating: " ", count: max(0, width - DisplayWidth.of(id)))
    let plain = cut("\(branch) \(mark) \(id)\(padding)  \(TerminalText.line(text(of: row)))")
    guard hasColours, let range = plain.firstRange(of: mark) else { return plain }
    return plain.replacing(mark, with: paint(mark, colour), subrange: range)
  }

  /// Of waiting: since when, and until when at most.
  func duration(of waiting: APIWaiting) -> String {
    var text = "  \(elapsed(from: waiting.since, to: now))"
    if let until = waiting.until, until > now { text += ", until \(clock(until))" }
    return text
  }

  private static func mark(of state: String) -> (String, colour: String) {
    switch state {
    case "done": ("✔", "32")
    case "failed": ("✘", "31")
    case "blocked": ("?", "33")
    case "running": ("●", "36")
    case "skipped": ("»", "2")
    case "stopped": ("■", "2")
    default: ("·", "2")
    }
  }

  func elapsed(from start: Timestamp, to end: Timestamp) -> String {
    let duration = max(end - start, .zero)
    if duration < .seconds(10) {
      let tenths = duration / .milliseconds(100)
      return "\(Int(tenths) / 10).\(Int(tenths) % 10)s"
    }
    return GoDuration.text(.seconds(duration.components.seconds))
  }

  private func clock(_ instant: Timestamp) -> String {
    String(instant.description.dropFirst(11).prefix(8)) + "Z"
  }

  private func cut(_ text: String) -> String {
    size.map { DisplayWidth.cut(text, to: $0.columns) } ?? text
  }

  private func paint(_ text: String, _ colour: String) -> String {
    hasColours ? "\u{1B}[\(colour)m\(text)\u{1B}[0m" : text
  }
}

extension String {
  fileprivate func replacing(_ text: String, with other: String, subrange: Range<String.Index>) -> String {
    var copy = self
    copy.replaceSubrange(subrange, with: other)
    return copy
  }
}
