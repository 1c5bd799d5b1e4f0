import JSON

extension HostFunctions {
  static let approval = HostFunction(
    "approval",
    [
      HostField("name", .string, doc: "What is to be approved, for people and for `stack-deploy approve RUN NAME`."),
      HostField(
        "options",
        .record(
          HostRecord([
            HostField("timeout", .duration, .optional, doc: "How long it is waited for; for ever if left out.")
          ])), .optional, doc: "How long."),
    ],
    returns: .record(
      HostRecord([
        HostField("by", .string, doc: "The user who approved."),
        HostField("at", .string, doc: "When, such as `2026-11-25T03:52:54.123Z`."),
      ])), phases: [.hook, .run], errors: [.timeout], recording: .wait,
    doc: """
      Waits until a person approves. The script keeps no process meanwhile. One that is not wanted is refused by cancelling the run.
      """)
}
