/// Command lines of the original's server as ours takes them.
enum CaseArguments {
  /// Flags of back ends that we do not have, with their values: the store is a data folder in place of Cassandra.
  private static let cassandra: Set<String> = ["--storage", "--cassandra", "--keyspace", "--proto"]

  /// - Parameter isMarathonBroken: the original does not ask Marathon at the start, we do; ten times with ten seconds
  ///   between them by default.
  static func ofServer(_ arguments: [String], dataFolder: String, isMarathonBroken: Bool) -> [String] {
    var ours: [String] = []
    var rest = arguments[...]
    let isLasting = arguments.contains("--cassandra")
    while let argument = rest.popFirst() {
      if isLasting, cassandra.contains(argument) {
        rest = rest.dropFirst()
      } else {
        ours.append(argument)
      }
    }
    // The original gives up at once; ours waits for as long as an application may take.
    if arguments.contains("--bootstrap") { ours += ["--max.wait", "2s"] }
    if !arguments.contains("--dev") { ours += ["--data-dir", dataFolder] }
    if isMarathonBroken, !ours.contains("--connect.retries") { ours += ["--connect.retries", "1"] }
    return ours
  }
}
