/// What the function `run` of a stack gets as its argument.
package enum RunContext {
  package static let type = HostType.record(
    HostRecord(name: "RunContext", [HostField("run", .record(info), doc: "The run.")]))

  static let info = HostRecord(
    name: "RunInfo",
    [
      HostField("id", .string, doc: "The run's id."),
      HostField("stack", .string, doc: "The stack that is run."),
      HostField("zone", .string, .optional, doc: "The zone that it is run in."),
    ])
}
