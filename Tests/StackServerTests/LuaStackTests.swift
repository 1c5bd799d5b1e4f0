import Crypto
import HTTPServer
import HTTPTypes
import JSON
import StackServer
import Testing

/// Stacks that are Lua, through the JSON API.
@Suite struct LuaStackTests {
  private static let source = """
    local lib = require("lib.web")
    local s = stack("web", { grants = { "shell" } })
    s:app("web", { type = "service", id = "web", cpu = 0.1, mem = 16, launch_command = lib.command, after_scheduler = function(ctx) end })
    return s

    """
  private static let module = "return { command = \"./web\" }\n"

  private func add(
    _ server: ServerFixture, _ source: String = source, file: String = "stacks/web/stack.lua",
    files: KeyValuePairs<String, String> = ["lib/web.lua": module], fields: HTTPFields = [:],
    _ more: JSONObject = [:]
  ) async throws -> ServerFixture.Answer {
    let encoded = JSONObject(files.map { ($0.key, JSON.string(Base64.encode(Array($0.value.utf8)))) })
    var body: JSONObject = ["source": .string(source), "file": .string(file), "files": .object(encoded)]
    for (name, value) in more { body[name] = value }
    return try await server.send(.post, "/api/v1/stacks", JSON.object(body).text, fields: fields)
  }

  private func diagnostics(_ answer: ServerFixture.Answer) throws -> [JSON] {
    try #require(answer.json()["error"]?["diagnostics"]?.arrayValue)
  }

  @Test func itIsStoredWithWhatItDeclaresAndItsFile() async throws {
    try await ServerFixture.run { server async throws in
      let added = try await add(server)
      #expect(added.status == 201, "\(added.text)")
      #expect(try added.json() == ["name": "web", "revision": 1, "warnings": []])
      let files = try await server.send(.get, "/api/v1/stacks/web/files").json()["files"]?.arrayValue
      #expect(files?.compactMap { $0["path"]?.stringValue } == ["lib/web.lua", "stack.lua"])
      #expect(try await server.send(.get, "/api/v1/stacks/web/files/stack.lua").text == Self.source)
      let shown = try await server.send(.get, "/api/v1/stacks/web").json()
      #expect(shown["source"]?.stringValue == Self.source)
      #expect(shown["file"] == "stacks/web/stack.lua")
      #expect(shown["yaml"]?.stringValue?.contains("launch_command: ./web") == true)
      #expect(
        shown["stack"]?["applications"]?["web"]?["after_scheduler"] == [
          [
            "function": ["application": "web", "hook": "after_scheduler", "index": 0], "file": "stack.lua", "line": 3,
          ]
        ])
      let text = try await server.send(.post, "/get", #"{"name": "web"}"#).text
      #expect(text.contains("function: stack.lua:3"), "\(text)")
    }
  }

  @Test func theSameFileMayComeAlongButNoOtherOfItsName() async throws {
    try await ServerFixture.run { server async throws in
      let same = try await add(server, files: ["lib/web.lua": Self.module, "stack.lua": Self.source])
      #expect(same.status == 201, "\(same.text)")
      let other = try await add(server, files: ["lib/web.lua": Self.module, "stack.lua": "return 1"])
      #expect(other.status == 422)
      #expect(
        other.text.contains("file \\\"stack.lua\\\": it is another one than the source of the stack"), "\(other.text)")
    }
  }

  @Test func whatIsWrongIsToldAsForYAML() async throws {
    try await ServerFixture.run { server async throws in
      let wrong = try await add(
        server,
        "local s = stack('web')\ns:app('a', { version = 0.10, cpus = 1, type = 'kafka-mesos-0.9' })\nreturn s",
        files: [:])
      #expect(wrong.status == 422)
      #expect(try wrong.json()["error"]?["message"] == "the stack is not stored: it has a mistake")
      let found = try diagnostics(wrong)
      #expect(found.compactMap { $0["code"]?.stringValue } == ["wrong-type", "unknown-field", "unknown-type"])
      #expect(Set(found.compactMap { $0["file"]?.stringValue }) == ["stacks/web/stack.lua"])
      #expect(found.allSatisfy { $0["line"] == 2 && $0["column"] == 1 })
      let raised = try await add(server, files: ["lib/web.lua": "\nerror('broken')"])
      let error = try diagnostics(raised)
      #expect(
        error == [
          [
            "severity": "error", "code": "script", "file": "stacks/web/lib/web.lua", "line": 2, "column": 1,
            "message": "broken",
          ]
        ])
      let endless = try await add(server, "while true do end")
      #expect(try diagnostics(endless).first?["code"] == "limit")
      let odd = try await add(server, "return stack('odd', { form = 'x' })", files: [:], ["strict": true])
      #expect(odd.status == 422)
      #expect(try await server.send(.get, "/api/v1/stacks").json()["stacks"] == [])
    }
  }

  @Test func layersAndParentsAreOfEitherKind() async throws {
    try await ServerFixture.run { server async throws in
      #expect(try await add(server).status == 201)
      let child = try await server.post(
        "/api/v1/stacks",
        ["source": "name: child\nfrom: web\napplications: {web: {cpu: 0.5}}\n", "file": "child.yaml"])
      #expect(child.status == 201, "\(child.text)")
      let merged = try await server.send(.get, "/api/v1/stacks/child?merged=true").json()
      #expect(merged["stack"]?["applications"]?["web"]?["launch_command"] == "./web")
      #expect(merged["stack"]?["applications"]?["web"]?["after_scheduler"]?[0]?["function"] != nil)
      let layer = try await add(
        server, "local s = stack('dc') s:app('web', { mem = 64, env = { A = '1' } }) return s", file: "dc.lua",
        files: [:],
        ["level": "datacenter"])
      #expect(layer.status == 201, "\(layer.text)")
      #expect(try await server.send(.get, "/api/v1/stacks/dc").json()["stack"]?["layer"] == 2)
      let grandchild = try await add(
        server,
        "local s = stack('grand', { from = 'child' }) s:app('web', { scheduler = { a = '${web.x}' }, dependencies = { 'web2' } }) return s",
        file: "grand.lua", files: [:])
      #expect(try grandchild.json()["warnings"]?[0]?["code"] == "unknown-dependency", "\(grandchild.text)")
    }
  }

  @Test func anAdditionIsRepeatedByItsKey() async throws {
    try await ServerFixture.run { server async throws in
      let fields: HTTPFields = ["Idempotency-Key": "k1"]
      #expect(try await add(server, fields: fields).status == 201)
      let again = try await add(server, fields: fields)
      #expect(again.status == 201, "\(again.text)")
      #expect(again.fields["Idempotency-Replayed"] == "true")
    }
  }

  /// Neither the original's calls nor a source without such a name are Lua.
  @Test func anythingElseIsYAML() async throws {
    try await ServerFixture.run { server async throws in
      let original = try await server.add("return stack('web')")
      #expect(original.status != 200, "\(original.text)")
      let plain = try await server.post("/api/v1/stacks", ["source": "return stack('web')", "file": "web.lua.yaml"])
      #expect(plain.status == 422)
    }
  }
}
