/// What a hook gets as `ctx`, its first argument.
package enum HookContext {
  package static let type = HostType.record(
    HostRecord(
      name: "HookContext",
      [
        HostField("run", .record(RunContext.info), doc: "The run that the hook belongs to."),
        HostField("hook", .string, doc: "The hook's field, such as `after_task`."),
        HostField("app", .handle(.app), doc: "The application that the hook belongs to."),
        HostField(
          "task",
          .record(
            HostRecord(
              name: "TaskInfo",
              [
                HostField("name", .string, doc: "Its name in the stack."),
                HostField(
                  "values", .map(.string), .optional,
                  doc:
                    "Its fields in the stack as texts, variables replaced; those that are not known yet are not there."),
              ])), .optional, doc: "The task, in hooks around a single one."),
      ]))
}
