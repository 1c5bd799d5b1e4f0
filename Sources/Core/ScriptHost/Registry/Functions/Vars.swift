import JSON

extension HostFunctions {
  private static let name = HostField("name", .string, doc: "The variable, without `${` and `}`.")

  static let vars: [HostFunction] = [
    HostFunction(
      "vars.get", [name], returns: .nullable(.string), phases: [.hook, .run], recording: .answer,
      doc: "The value of a variable as this step sees it; nil if there is none."),
    HostFunction(
      "vars.set", [name, HostField("value", .string, doc: "Its new value.")], phases: [.hook, .run],
      recording: .commit,
      doc: "Sets a variable of the run, for what comes after this step."),
    HostFunction(
      "vars.all", returns: .map(.string), phases: [.hook, .run], recording: .answer,
      doc: "All variables as this step sees them."),
  ]
}
