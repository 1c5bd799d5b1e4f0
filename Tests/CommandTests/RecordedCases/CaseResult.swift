/// How a command or a request ended, in one form for both.
struct CaseResult {
  enum Ending: Hashable {
    case succeeded, failed
    /// Wrong flags: exit code 2.
    case usage
    /// Not over when it was given up.
    case hung
    /// The server ended the connection without an answer.
    case dropped
  }

  var ending: Ending
  /// What it said: standard output, or the body of the answer.
  var text: String
  /// Exit code or status.
  var code: Int?

  init?(_ outcome: Outcome) {
    switch outcome {
    case .command(let exit, let output, _):
      text = output
      code = exit
      ending =
        switch exit {
        case nil: .hung
        case 0: .succeeded
        case 2: .usage
        default: Self.isDropped(output) ? .dropped : .failed
        }
    case .answer(let status, let text, _):
      self.text = text
      code = status
      ending =
        switch status {
        case nil: .dropped
        case .some(200..<300): .succeeded
        default: .failed
        }
    case .none, .server, .files, .alive, .changes: return nil
    }
  }

  /// As Go's client says that the server hung up.
  private static func isDropped(_ output: String) -> Bool { output.hasSuffix(": EOF\n") }

  /// The sentence of a failure, without what the command line says before it and the line breaks behind it.
  var sentence: String {
    var sentence = text[...]
    for mark in ["ERROR running client request: ", "ERROR getting list: ", "ERROR resolving API: ", "ERROR: "] {
      if let place = sentence.firstRange(of: mark) {
        sentence = sentence[place.upperBound...]
        break
      }
    }
    while sentence.last == "\n" { sentence.removeLast() }
    return String(sentence)
  }

  /// What a failed command says before its sentence.
  var lead: String {
    guard let place = text.firstRange(of: "ERROR"), let colon = text[place.lowerBound...].firstIndex(of: ":") else {
      return ""
    }
    return String(text[...colon])
  }
}
