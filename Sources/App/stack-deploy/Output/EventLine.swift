import Concurrency
import StackAPI

/// One event of a run on one line: `12:00:01Z  web  launch  created`.
enum EventLine {
  static func text(_ event: APIEvent) -> String {
    let time = event.at.description.dropFirst(11).prefix(8) + "Z"
    let place = [event.application, event.step].compactMap(\.self)
    return TerminalText.line(([String(time)] + place + [sentence(event)]).joined(separator: "  "))
  }

  /// Without the step's name at the beginning, which stands before it already.
  private static func sentence(_ event: APIEvent) -> String {
    guard let step = event.step, event.sentence.hasPrefix(step) else { return event.sentence }
    if event.sentence == step { return "begins" }
    let rest = event.sentence.dropFirst(step.count)
    return rest.hasPrefix(" ") ? String(rest.dropFirst()) : event.sentence
  }
}
