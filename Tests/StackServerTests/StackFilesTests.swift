import Crypto
import HTTPServer
import HTTPTypes
import JSON
import StackServer
import Testing

/// Stacks that come with files, through the JSON API.
@Suite struct StackFilesTests {
  private static let hook = Array("log.info(\"up\")\n".utf8)
  private static let binary: [UInt8] = [0x00, 0xFF, 0x0D, 0x0A, 0xC3]

  private func add(
    _ server: ServerFixture, _ files: KeyValuePairs<String, [UInt8]>, source: String = "name: s\n",
    fields: HTTPFields = [:]
  ) async throws -> ServerFixture.Answer {
    let encoded = JSONObject(files.map { ($0.key, JSON.string(Base64.encode($0.value))) })
    let body: JSON = ["source": .string(source), "file": "s.yaml", "files": .object(encoded), "replace": true]
    return try await server.send(.post, "/api/v1/stacks", body.text, fields: fields)
  }

  private func digest(_ bytes: [UInt8]) -> String { hex(Digest.sha256(bytes)) }

  @Test func whatCameIsListedAndComesBackByteForByte() async throws {
    try await ServerFixture.run { server async throws in
      let first = try await add(server, ["hooks/register.lua": Self.hook, "data/x.bin": Self.binary, "empty": []])
      #expect(first.status == 201, "\(first.text)")
      let list = try await server.send(.get, "/api/v1/stacks/s/files")
      #expect(
        try list.json() == [
          "name": "s", "revision": 1,
          "files": [
            ["path": "data/x.bin", "size": 5, "sha256": .string(digest(Self.binary))],
            ["path": "empty", "size": 0, "sha256": .string(digest([]))],
            ["path": "hooks/register.lua", "size": 15, "sha256": .string(digest(Self.hook))],
          ],
        ])
      #expect(list.fields["ETag"] == first.fields["ETag"])
      for path in ["hooks/register.lua", "hooks%2Fregister.lua", "hooks/register.lua?revision=1"] {
        let file = try await server.send(.get, "/api/v1/stacks/s/files/\(path)")
        #expect(file.text == String(decoding: Self.hook, as: UTF8.self), "\(path)")
        #expect(file.fields["Content-Type"] == "application/octet-stream")
        #expect(file.fields["X-Content-Type-Options"] == "nosniff")
        #expect(file.fields["ETag"] == "\"\(digest(Self.hook))\"")
      }
      let head = try await server.send(.head, "/api/v1/stacks/s/files/data/x.bin")
      #expect(head.status == 200)
      #expect(head.fields["Content-Length"] == "5")

      // A revision of its own, with other files; the earlier one keeps its.
      #expect(try await add(server, ["other.lua": Self.hook]).status == 201)
      #expect(try await server.send(.get, "/api/v1/stacks/s/files/empty").status == 404)
      #expect(try await server.send(.get, "/api/v1/stacks/s/files/empty?revision=1").status == 200)
      #expect(try await server.send(.get, "/api/v1/stacks/s/files?revision=3").status == 404)
      let plain = try await server.post("/api/v1/stacks", ["source": "name: plain\n"])
      #expect(plain.status == 201)
      #expect(try await server.send(.get, "/api/v1/stacks/plain/files").json()["files"] == [])
    }
  }

  @Test func whatIsNotThereIsNamed() async throws {
    try await ServerFixture.run { server async throws in
      #expect(try await add(server, ["hooks/register.lua": Self.hook]).status == 201)
      let near = try await server.send(.get, "/api/v1/stacks/s/files/hooks/regster.lua")
      #expect(near.status == 404)
      #expect(
        try near.json()["error"]?["message"]?.stringValue
          == #"Stack s, revision 1, has no file "hooks/regster.lua" (did you mean "hooks/register.lua"?)"#)
      for path in ["none/files", "none/files/a", "s/files/hooks", "s/files/", "s/files/HOOKS/register.lua"] {
        #expect(try await server.send(.get, "/api/v1/stacks/\(path)").status == 404, "\(path)")
      }
      #expect(try await server.send(.put, "/api/v1/stacks/s/files/hooks/register.lua", "x").status == 405)
    }
  }

  @Test func allProblemsAreToldAtOnce() async throws {
    try await ServerFixture.run { server async throws in
      var files = JSONObject()
      for path in [
        "../up.lua", "/etc/passwd", "a//b", "a/./b", "nul\0", "bell\u{7}", "back\\slash", "", "dir", "dir/x",
      ] {
        files[path] = ""
      }
      files[String(repeating: "p", count: 256)] = ""
      files["noise"] = "no base64!"
      files["large"] = .string(Base64.encode([UInt8](repeating: 0, count: 1 << 20 | 1)))
      let answer = try await server.post(
        "/api/v1/stacks", ["source": "name: s\napplications: 7\n", "files": .object(files)])
      #expect(answer.status == 422)
      let error = try #require(try answer.json()["error"])
      #expect(error["code"] == "invalid")
      #expect(error["message"] == "the stack is not stored: it has 13 mistakes")
      #expect(error["diagnostics"]?.arrayValue?.count == 1, "the source's own mistake beside those of the files")
      let details = (error["details"]?.arrayValue ?? []).compactMap(\.stringValue)
      for expected in [
        #"file "": a path is empty"#,
        #"file "../up.lua": its path has a part . or .."#,
        #"file "/etc/passwd": its path begins with /; paths are relative to the folder of the stack's source"#,
        #"file "a//b": its path has an empty part"#,
        #"file "a/./b": its path has a part . or .."#,
        #"file "nul\0": its path has control characters"#,
        #"file "bell\u{07}": its path has control characters"#,
        #"file "back\\slash": its path has a backslash; folders are parted by /"#,
        #"file "dir/x": it lies in "dir", which is a file as well"#,
        #"file "noise": its content is not base64 (RFC 4648 with padding, without line ends)"#,
        #"file "large": it has 1048577 bytes; one may have 1048576 (1 MiB)"#,
      ] {
        #expect(details.contains(expected), "\(expected) is not in \(details)")
      }
      #expect(details.contains { $0.hasSuffix("…: its path has 256 bytes; it may have 255") })
      #expect(details.count == 12, "\(details)")
      #expect(try await server.send(.get, "/api/v1/stacks/s").status == 404)
    }
  }

  @Test func thereAreLimitsForAllTogether() async throws {
    try await ServerFixture.run { server async throws in
      var files = JSONObject()
      for number in 0...1_000 { files["\(number)"] = "" }
      let many = try await server.post("/api/v1/stacks", ["source": "name: s\n", "files": .object(files)])
      #expect(many.status == 422)
      #expect(try many.json()["error"]?["details"] == ["there are 1001 files; at most 1000 may come"])
      files = JSONObject()
      for number in 0..<9 { files["\(number)"] = .string(Base64.encode([UInt8](repeating: 0, count: 1_000_000))) }
      let large = try await server.post("/api/v1/stacks", ["source": "name: s\n", "files": .object(files)])
      #expect(large.status == 422)
      #expect(
        try large.json()["error"]?["details"] == [
          "the files have 9000000 bytes together; they may have 8388608 (8 MiB)"
        ])
      files["8"] = nil
      let fitting = try await server.post("/api/v1/stacks", ["source": "name: s\n", "files": .object(files)])
      #expect(fitting.status == 201)
      // A hundred sentences are enough.
      files = JSONObject()
      for number in 0..<150 { files["../\(number)"] = "" }
      let wrong = try await server.post("/api/v1/stacks", ["source": "name: t\n", "files": .object(files)])
      let details = try wrong.json()["error"]?["details"]?.arrayValue
      #expect(details?.count == 101)
      #expect(details?.last == "and 50 more")
    }
  }

  /// A parser that lets the last one win would lose a file without a word.
  @Test(arguments: [#""a.lua": "", "a.lua": """#, "\"caf\u{E9}\": \"\", \"cafe\u{301}\": \"\""])
  func noFileHidesAnother(_ members: String) async throws {
    try await ServerFixture.run { server async throws in
      let answer = try await server.send(
        .post, "/api/v1/stacks", #"{"source": "name: s\n", "files": {\#(members)}}"#)
      #expect(answer.status == 400)
      #expect(answer.text.contains("occurs twice"))
      #expect(try await server.send(.get, "/api/v1/stacks/s").status == 404)
    }
  }

  @Test func tagsTellFilesApart() async throws {
    try await ServerFixture.run { server async throws in
      let first = try #require(try await add(server, ["a": Self.hook]).fields["ETag"])
      for path in ["/api/v1/stacks/s", "/api/v1/stacks/s/files"] {
        let known = try await server.send(.get, path, fields: ["If-None-Match": first])
        #expect(known.status == 304 && known.text.isEmpty, "\(path)")
      }
      let tag = "\"\(digest(Self.hook))\""
      let known = try await server.send(.get, "/api/v1/stacks/s/files/a", fields: ["If-None-Match": tag])
      #expect(known.status == 304 && known.text.isEmpty)
      #expect(known.fields["ETag"] == tag)

      // Removed and added again, with the same source and revision but another file, or the same file elsewhere.
      for files: KeyValuePairs<String, [UInt8]> in [["a": Self.binary], ["b": Self.hook], [:]] {
        #expect(try await server.send(.delete, "/api/v1/stacks/s").status == 200)
        #expect(try await add(server, files).status == 201)
        #expect(try await server.send(.get, "/api/v1/stacks/s").fields["ETag"] != first)
        #expect(try await add(server, files, fields: ["If-Match": first]).status == 412)
      }
    }
  }

  @Test func aRepeatedCallIsToldWhatItHasDone() async throws {
    try await ServerFixture.run { server async throws in
      let key: HTTPFields = ["Idempotency-Key": "k"]
      let first = try await add(server, ["a": Self.hook], fields: key)
      #expect(first.status == 201)
      #expect(first.fields["Idempotency-Replayed"] == nil)
      for _ in 0..<2 {
        let again = try await add(server, ["a": Self.hook], fields: key)
        #expect(again.status == 201)
        #expect(again.fields["Idempotency-Replayed"] == "true")
        #expect(try again.json()["revision"] == 1)
        #expect(again.fields["ETag"] == first.fields["ETag"])
      }
      let other = try await add(server, ["a": Self.binary], fields: key)
      #expect(other.status == 422)
      #expect(try other.json()["error"]?["code"] == "key_reused")
      #expect(other.text.contains("stands for revision 1 of stack s"))
      // Also after it has been replaced, and where a condition would no longer hold.
      #expect(try await add(server, ["a": Self.binary]).status == 201)
      let late = try await add(server, ["a": Self.hook], fields: ["Idempotency-Key": "k", "If-None-Match": "*"])
      #expect(try late.json()["revision"] == 1)
      #expect(try await add(server, [:], fields: ["Idempotency-Key": "a b"]).status == 400)
      // A refused addition leaves its key free.
      let wrong = try await add(server, ["../a": []], fields: ["Idempotency-Key": "w"])
      #expect(wrong.status == 422)
      let right = try await add(server, ["a": []], fields: ["Idempotency-Key": "w"])
      #expect(try right.json()["revision"] == 3)
    }
  }
}
