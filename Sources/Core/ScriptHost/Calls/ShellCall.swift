package import JSON

/// A script's shell command, checked.
package struct ShellCall: Sendable, Hashable {
  static let standardTimeout = Duration.seconds(600)
  static let longestTimeout = Duration.seconds(86_400)
  /// Bytes of a command.
  static let longest = 128 << 10
  /// Bytes kept of the end of each of a command's two outputs.
  package static let outputLimit = 64 << 10

  package let command: String
  /// Beside what the server gives every command.
  package let environment: [String: String]
  package let timeout: Duration

  /// - Parameter arguments: in normal form, of `shell.run`.
  package init(_ arguments: JSONObject) throws(HostCallFailure) {
    let options = arguments["options"]?.objectValue ?? [:]
    command = arguments.string("command") ?? ""
    guard command.utf8.count <= Self.longest, !command.utf8.contains(0) else {
      throw HostCallFailure(.invalidArgument, "argument command has a NUL, or more than \(Self.longest) bytes")
    }
    timeout = options.duration("timeout") ?? Self.standardTimeout
    guard timeout > .zero, timeout <= Self.longestTimeout else {
      throw HostCallFailure(.invalidArgument, "options.timeout must be above 0s and at most 24h")
    }
    var environment: [String: String] = [:]
    for (name, value) in options["env"]?.objectValue ?? [:] {
      let value = value.stringValue ?? ""
      guard Self.isVariable(name) else {
        throw HostCallFailure(
          .invalidArgument, "options.env: a name has letters, digits and '_', and begins with no digit")
      }
      guard !value.utf8.contains(0) else {
        throw HostCallFailure(.invalidArgument, "options.env: the value of \(name) has a NUL")
      }
      environment[name] = value
    }
    self.environment = environment
    guard environment.reduce(0, { $0 + $1.key.utf8.count + $1.value.utf8.count }) <= Self.longest else {
      throw HostCallFailure(.invalidArgument, "options.env has more than \(Self.longest) bytes")
    }
  }

  private static func isVariable(_ name: String) -> Bool {
    guard let first = name.utf8.first, !(48...57).contains(first) else { return false }
    return name.utf8.allSatisfy { byte in
      (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte) || (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(byte)
        || (48...57).contains(byte) || byte == UInt8(ascii: "_")
    }
  }

  /// For people: no values of variables, which may be secrets.
  package var shown: String {
    let names = environment.keys.sorted().map { "\($0)=… " }.joined()
    return names + command
  }
}
