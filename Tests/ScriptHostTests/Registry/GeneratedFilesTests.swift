import Glibc
import Testing

@testable import ScriptHost

/// What is made from the registry is committed as it is made.
struct GeneratedFilesTests {
  private static let root = String(
    #filePath.dropLast("Tests/ScriptHostTests/Registry/GeneratedFilesTests.swift".count))

  private func text(_ path: String) -> String? {
    guard let file = fopen(Self.root + path, "r") else { return nil }
    defer { fclose(file) }
    var bytes: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: 1 << 16)
    while case let count = fread(&buffer, 1, buffer.count, file), count > 0 { bytes += buffer[..<count] }
    return String(decoding: bytes, as: UTF8.self)
  }

  @Test func theAnnotationsAreThoseOfTheRegistry() {
    for file in LuaAnnotations.files {
      #expect(text("lua/\(file.path)") == file.text, "lua/\(file.path): run stack-deploy lua types lua")
    }
  }

  @Test func thereAreNoOthers() throws {
    let folder = try #require(opendir(Self.root + "lua/types"))
    defer { closedir(folder) }
    var names: Set<String> = []
    while let item = readdir(folder) {
      names.insert(
        withUnsafePointer(to: &item.pointee.d_name) {
          $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
        })
    }
    let known = LuaAnnotations.files.compactMap { $0.path.split(separator: "/").last.map(String.init) }
    #expect(names.subtracting(known + [".", ".."]) == [])
  }

  @Test func theReferenceIsThatOfTheRegistry() {
    #expect(
      text("docs/lua-reference.md") == LuaReference.page,
      "run stack-deploy lua reference >docs/lua-reference.md")
  }

  @Test func everyFunctionModuleAndTypeIsDescribed() {
    for module in LuaModule.all { #expect(!module.doc.isEmpty, "\(module.name ?? "")") }
    for function in HostFunctions.all { #expect(LuaReference.page.contains("### `\(function.name)(")) }
    let types = LuaTypes()
    #expect(Set(types.records.map(\.name)).isSuperset(of: ["HookContext", "RetryOptions"]))
    #expect(types.handles.map(\.kind) == ["app"])
    for (name, record) in types.records {
      for field in record.fields { #expect(field.doc.hasSuffix("."), "\(name).\(field.name)") }
    }
  }

  @Test func typesAreWrittenAsTheLanguageServerReadsThem() {
    for (type, text) in [
      (HostType.list(.choice(["a", "b"])), "(\"a\"|\"b\")[]"), (.map(.list(.size)), "table<string, Size[]>"),
      (.nullable(.handle(.app)), "App?"),
      (
        .record(HostRecord([HostField("a", .integer, doc: ""), HostField("b", .json, .optional, doc: "")])),
        "{ a: integer, b?: JSONValue }"
      ),
    ] { #expect(LuaAnnotations.annotation(type) == text) }
  }
}
