import Concurrency
import StackAPI

/// One event of a run on one line: `12:00:01Z  web  launch  created`.
enum EventLine {
  static func text(_ event: APIEvent) -> String {
    let time = event.at.description.dropFirst(11).prefix(8) + "Z"
    let place = [event.application, event.step].compactMap(\.self)
    return ([String(time)] + place + [event.sentence]).joined(separator: "  ")
  }
}
