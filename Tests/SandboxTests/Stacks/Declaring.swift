import ScriptHost
import StackModel
import Testing

/// Stacks that real workers declare.
enum Declaring {
  static func decoding(
    _ source: String, modules: [String: String] = [:], file: String = "kafka/stack.lua"
  ) async throws -> StackDecoding {
    let modules = try modules.sorted { $0.key < $1.key }.map { path, text in
      try #require(ScriptModule(path: path, source: Array(text.utf8)))
    }
    return try await Sandbox.host().decoding(
      of: StackSource(name: "stack.lua", source: Array(source.utf8), modules: modules), file: file)
  }

  static func check(
    _ source: String, modules: [String: String] = [:], options: StackCheck.Options = .init()
  ) async throws -> StackCheck {
    StackCheck.check(try await decoding(source, modules: modules), file: "kafka/stack.lua", options: options)
  }

  /// A stack in which nothing is wrong, and nothing odd.
  static func stack(_ source: String, modules: [String: String] = [:]) async throws -> Stack {
    let check = try await check(source, modules: modules)
    #expect(check.diagnostics == [])
    return try #require(check.stack)
  }

  /// What is said of an application with these fields.
  static func diagnostics(ofFields fields: String) async throws -> [String] {
    try await diagnostics("local s = stack('k')\ns:app('web', {\(fields)})\nreturn s")
  }

  static func diagnostics(_ source: String, modules: [String: String] = [:]) async throws -> [String] {
    try await check(source, modules: modules).diagnostics.map(\.description)
  }
}
