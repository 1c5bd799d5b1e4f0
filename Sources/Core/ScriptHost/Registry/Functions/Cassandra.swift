import JSON

extension HostFunctions {
  private static let key = HostField(
    "key", .string, doc: "1 to 512 bytes of UTF-8 without control characters, such as `web/active`.")

  static let cassandra: [HostFunction] = [
    HostFunction(
      "cassandra.put",
      [
        key,
        HostField("value", .json, doc: "Anything that JSON has, but nil; at most 256 KiB of JSON."),
        HostField(
          "options",
          .record(
            HostRecord([
              HostField(
                "ttl", .duration, .optional,
                doc: "For how long it is there, from `1s` to 20 years (`175200h`); for ever if left out.")
            ])), .optional, doc: "`ttl` says for how long it is there, from `1s` to `175200h` (20 years)."),
      ], phases: [.hook, .run], recording: .commit,
      doc: """
        Keeps a document in the namespace of the run's stack, in place of the one that has the key. It is there in later runs, \
        in all zones, and when the stack's applications are removed; it goes when the stack is removed from the store. \
        A stack has at most 100,000; one more raises `denied`.
        """
    )
    .shown { JSON.object(["key": $0["key"] ?? .null]).text },
    HostFunction(
      "cassandra.get", [key], returns: .nullable(.json), phases: [.hook, .run], recording: .answer,
      doc: "The document with this key; nil if there is none, or its time is over."),
    HostFunction(
      "cassandra.delete", [key], returns: .boolean, phases: [.hook, .run], recording: .commit,
      doc: "Removes a document. False if there was none."),
    HostFunction(
      "cassandra.list",
      [
        HostField("prefix", .string, .standard(""), doc: "What the keys begin with; all keys if left out."),
        HostField(
          "options",
          .record(
            HostRecord([
              HostField("limit", .integer, .optional, doc: "So many at most, from 1 to 1,000."),
              HostField(
                "after", .string, .optional, doc: "Only keys behind this one: the last one of the list before."),
            ])), .optional, doc: "For a list in parts: `limit` keys (1 to 1,000), and only those behind `after`."),
      ], returns: .list(.string), phases: [.hook, .run], recording: .answer,
      doc: """
        The keys of the stack's documents that begin with a prefix, sorted by their bytes. More than 1,000 raise \
        `invalid_argument`, unless `limit` asks for a part of them.
        """),
  ].map { function in
    function.checked { (arguments) throws(HostCallFailure) in _ = try DocumentCall(function.name, arguments) }
  }
}
