import JSON

extension HostFunctions {
  static let fail = HostFunction(
    "fail",
    [
      HostField("message", .string, doc: "What went wrong, for people."),
      HostField("details", .json, .optional, doc: "More of it, for programs."),
    ], errors: [.failed],
    recording: .pure { arguments, _ in
      .failure(
        HostCallFailure(.failed, arguments.string("message") ?? "", details: arguments["details"] ?? .null))
    },
    doc: "Ends the script as failed, unless the error that it raises is caught.")
}
