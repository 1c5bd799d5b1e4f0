/// Makes one text of pieces of several logs: a heading where another log goes on, always at the start of a line.
package struct LogHeadings: Sendable {
  private var heading = ""
  private var isAtLineStart = true
  private var isEmpty = true

  package init() {}

  /// What has to stand before the next piece, which must not be empty.
  /// - Parameters:
  ///   - heading: whose log it is; nil for a sentence, which is to end with a line break.
  ///   - endsLine: whether the piece ends with a line break.
  package mutating func text(before heading: String?, endsLine: Bool) -> String {
    defer {
      self.heading = heading ?? ""
      isAtLineStart = endsLine
      isEmpty = false
    }
    if let heading, heading == self.heading { return "" }
    let lineBreak = isAtLineStart ? "" : "\n"
    guard let heading else { return lineBreak }
    return "\(lineBreak)\(isEmpty ? "" : "\n")==> \(heading) <==\n"
  }
}
