import StackModel
import Testing

@testable import ScriptHost

/// The names of fields that are described are those that are read.
struct StackClassTests {
  /// Where the tables stand in a stack.
  private static let places: [(name: String, before: String, after: String)] = [
    ("StackFields", "", ""), ("ApplicationFields", "applications: {a: {", "}}"),
    ("HealthCheck", "applications: {a: {healthcheck: {", "}}}"), ("Docker", "applications: {a: {docker: {", "}}}"),
    ("PortMapping", "applications: {a: {docker: {port_mappings: [{", "}]}}}"),
    ("Volume", "applications: {a: {docker: {volumes: [{", "}]}}}"),
    ("HookScript", "applications: {a: {after_task: [{", "}]}}"),
  ]

  @Test func everyFieldIsKnown() throws {
    for (name, before, after) in Self.places {
      let type = try #require(StackClass.all.first { $0.name == name })
      #expect(!type.fields.isEmpty)
      // `run` is a function, which YAML has not.
      for field in type.fields where field.name != "run" {
        let decoding = StackDecoding("\(before)\(field.name): null\(after)\n")
        #expect(!decoding.diagnostics.contains { $0.code == .unknownField }, "\(name).\(field.name)")
      }
    }
  }

  @Test func everythingHasATextAndAPlace() {
    for type in StackClass.all {
      #expect(type.doc.hasSuffix("."), "\(type.name)")
      for field in type.fields { #expect(field.doc.hasSuffix("."), "\(type.name).\(field.name)") }
      #expect(LuaReference.page.contains("### `\(type.name)`\n"))
    }
    for function in StackClass.functions + StackClass.variables {
      #expect(LuaReference.page.contains("### `\(function.name)("))
    }
  }
}
