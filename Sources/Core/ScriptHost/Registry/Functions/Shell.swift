import JSON

extension HostFunctions {
  static let shell: [HostFunction] = [
    HostFunction(
      "shell.run",
      [
        HostField("command", .string, doc: "For `sh`, as many lines as it takes. At most 128 KiB."),
        HostField(
          "options",
          .record(
            HostRecord(
              name: "ShellOptions",
              [
                HostField(
                  "timeout", .duration, .standard("10m0s"),
                  doc: "When it is ended, with everything that it has started; at most `24h`."),
                HostField("env", .map(.string), .optional, doc: "Variables of its environment, beside the server's."),
              ])), .optional, doc: "What else."),
      ],
      returns: .record(
        HostRecord(
          name: "ShellResult",
          [
            HostField("status", .integer, doc: "Its exit code; 128 and the signal's number, where one ended it."),
            HostField("stdout", .string, doc: "The last 64 KiB of its standard output."),
            HostField("stderr", .string, doc: "The last 64 KiB of its standard error."),
          ])), phases: [.hook, .run], errors: [.timeout, .unavailable], recording: .effect(inDoubt: .settle),
      doc: """
        Runs a shell command on the server's machine and waits for its end. It goes on where the server is stopped or killed, and the next \
        server takes it up. Every exit code is an answer. The error `timeout` has what it wrote in `details`.
        """
    )
    .granted { _ in .none }
    .checked { (arguments) throws(HostCallFailure) in _ = try ShellCall(arguments) }
    .shown { arguments in (try? ShellCall(arguments))?.shown ?? "" }
  ]
}
