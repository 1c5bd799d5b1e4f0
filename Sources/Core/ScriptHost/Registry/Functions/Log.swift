import JSON

extension HostFunctions {
  static let log: [HostFunction] = [
    level("debug", "Writes a line that is seen by who looks for details."),
    level("info", "Writes a line into the run's log. `print` is the same, where it does not write to standard output."),
    level("warn", "Writes a line about what may become a problem."),
    level("error", "Writes a line about what went wrong. The script goes on."),
  ]

  /// Lines may be doubled where a server was killed, so they need no intent.
  private static func level(_ name: String, _ doc: String) -> HostFunction {
    HostFunction(
      "log.\(name)", [HostField("message", .string, doc: "The line.")], phases: [.hook, .run], recording: .answer,
      wrapper: HostWrapper(
        .values(doc: "Anything: the texts of the values, as `tostring` gives them, with spaces between them."),
        source: "function(...) call(line(...)) end"), doc: doc)
  }
}
