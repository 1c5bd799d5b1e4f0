import Concurrency
import JSON
import StackModel

extension HostFunctions {
  static let time: [HostFunction] = [
    HostFunction(
      "time.now", returns: .string, phases: [.hook, .run],
      recording: .pure { _, context in .result(.string(context.now.description)) },
      doc: """
        The time of the last answer that the script got from the host, or of its start, such as `2026-11-25T03:52:54.123Z`. \
        So it is the same when a run is taken up again.
        """),
    HostFunction(
      "time.parse", [HostField("text", .string, doc: "An instant such as `2026-11-25T03:52:54Z`, any zone.")],
      returns: .number,
      recording: .pure { arguments, _ in
        guard let text = arguments.string("text"), let time = Timestamp(text) else {
          return .failure(
            HostCallFailure(.invalidArgument, "argument 1 (text) must be an instant such as \"2026-11-25T03:52:54Z\""))
        }
        return .result(.number(Double(time.millisecondsSinceEpoch) / 1000))
      },
      doc: "The seconds from 1970 to an instant."),
    HostFunction(
      "time.format", [HostField("seconds", .number, doc: "Seconds since 1970.")], returns: .string,
      recording: .pure { arguments, _ in
        let seconds = arguments.number("seconds") ?? 0
        // Four digits of year, so that the text can be parsed again.
        guard (-62_167_219_200.0..<253_402_300_800.0).contains(seconds) else {
          return .failure(HostCallFailure(.invalidArgument, "argument 1 (seconds) must lie in the years 0 to 9999"))
        }
        let time = Timestamp(millisecondsSinceEpoch: Int64((seconds * 1000).rounded(.down)))
        return .result(.string(time.description))
      },
      doc: "The instant so many seconds after 1970, as `time.now` writes it."),
    HostFunction(
      "time.seconds", [HostField("duration", .duration, doc: "Such as `1m30s`.")], returns: .number,
      recording: .pure { arguments, _ in
        .result(.number((arguments.duration("duration") ?? .zero).inSeconds))
      },
      doc: "How many seconds a duration has."),
    HostFunction(
      "time.sleep",
      [
        HostField("duration", .duration, doc: "Such as `10s`."),
        HostField("why", .string, .optional, doc: "What is waited for, for people who look at the run."),
        HostField(
          "replay", .boolean, .optional,
          doc: "Whether the script keeps no worker meanwhile, also where it is 30 s or less, and is run again after it."
        ),
      ], phases: [.hook, .run], recording: .wait,
      doc: "Waits. It costs time, but no CPU time."),
  ]
}
