import Glibc
import Processes
import Testing

/// `add --with`, and what `show` says of the files that came.
struct StackFilesTests {
  private static let stack = "name: web\napplications: {}\n"

  /// `web/stack.yaml` with files beside it, one in a folder below, hidden ones, and links.
  private func lay(_ folder: Folder) throws {
    for path in ["web", "web/hooks", "web/hooks/lib", "web/hooks/.git", "elsewhere"] {
      try #require(mkdir(folder.file(path), 0o755) == 0)
    }
    try folder.write(Self.stack, to: "web/stack.yaml")
    try folder.write("log.info(\"up\")\n", to: "web/hooks/register.lua")
    try folder.write("return {}\n", to: "web/hooks/lib/util.lua")
    try folder.write("hidden", to: "web/hooks/.git/config")
    try folder.write("hidden", to: "web/hooks/.swp")
    try folder.write("x", to: "web/notes.txt")
    try folder.write("secret", to: "elsewhere/secret.lua")
    try link("register.lua", folder.file("web/hooks/same.lua"))
  }

  private func link(_ target: String, _ path: String) throws { try #require(symlink(target, path) == 0) }

  @Test func filesAreSentAndShown() async throws {
    try await LocalServer.with { server in
      let (folder, client) = (server.folder, server.client)
      try lay(folder)
      let added = try await client(
        "add", "--file", "web/stack.yaml", "--with", "web/hooks/", "--with=web/notes.txt", "--with", "web/hooks/lib")
      #expect(added.output == "Stack added\n", "\(added)")
      let listed = try await client("show", "web", "--files")
      let paths = listed.output.split(separator: "\n").dropFirst().map { String($0.prefix { $0 != " " }) }
      #expect(listed.output.hasPrefix("PATH                SIZE  SHA-256\nhooks/lib/util.lua  10    "), "\(listed)")
      #expect(paths == ["hooks/lib/util.lua", "hooks/register.lua", "hooks/same.lua", "notes.txt"])
      for path in ["hooks/register.lua", "hooks/same.lua"] {
        #expect(try await client("show", "web", "--file", path).output == "log.info(\"up\")\n")
      }

      // From inside the folder, all of it; the stack's own file is no file of the stack.
      var inside = client
      inside.workingFolder = "web"
      let all = try await inside("add", "--file", "stack.yaml", "--with", ".", "--replace")
      #expect(all.output == "Stack added\n", "\(all)")
      #expect(try await client("show", "web", "--files").output.split(separator: "\n").count == 5)
      // A revision has what came with it.
      #expect(try await inside("add", "--file", "stack.yaml", "--replace").output == "Stack added\n")
      #expect(try await client("show", "web", "--files").output == "PATH  SIZE  SHA-256\n")
      #expect(try await client("show", "web", "--revision", "2", "--file", "notes.txt").output == "x")
      let gone = try await client("show", "web", "--file", "notes.tx", "--revision", "1")
      #expect(gone.status == .exited(1))
      #expect(
        gone.output == "ERROR: Stack web, revision 1, has no file \"notes.tx\" (did you mean \"notes.txt\"?)\n")
      let wrong = try await client("show", "web", "--file", "../x")
      #expect(wrong.output.contains("its path has a part . or .."), "\(wrong)")

      // Standard input has the current folder.
      let piped = try await inside.shell("stack-deploy add --file - --replace --with hooks/lib <stack.yaml")
      #expect(piped.output == "Stack added\n", "\(piped)")
      #expect(try await client("show", "web", "--file", "hooks/lib/util.lua").output == "return {}\n")
      try folder.write("name: dc\n", to: "web/layer.yaml")
      let layer = try await inside("addlayer", "--file", "layer.yaml", "--level", "datacenter", "--with", "notes.txt")
      #expect(layer.output == "Stack added\n", "\(layer)")
      #expect(try await client("show", "dc", "--file", "notes.txt").output == "x")
      // A hidden file comes where it is named.
      let named = try await client(
        "add", "--file", "web/stack.yaml", "--replace", "--with", "web/hooks/.swp", "--with", "web/hooks/.git/config")
      #expect(named.output == "Stack added\n", "\(named)")
      #expect(try await client("show", "web", "--files").output.contains("\nhooks/.git/config  6 "))
      #expect(try await client("show", "web", "--file", "hooks/.swp").output == "hidden")
    }
  }

  /// Every mistake at once, and nothing is sent: there is no server at this address.
  @Test func whatMayNotBeSent() async throws {
    let folder = try Folder()
    try lay(folder)
    try link("../../elsewhere/secret.lua", folder.file("web/hooks/leak.lua"))
    try link("../../elsewhere", folder.file("web/hooks/out"))
    try link("../hooks", folder.file("web/hooks/up"))
    try link("nowhere", folder.file("web/hooks/dangling"))
    try #require(mkfifo(folder.file("web/hooks/pipe"), 0o600) == 0)
    try #require(mkdir(folder.file("web/large"), 0o755) == 0)
    try folder.write(String(repeating: "x", count: 1 << 20 | 1), to: "web/large/one.bin")
    try folder.write("x", to: "web/large/back\\slash")
    let named = String(repeating: "n", count: 200)
    try #require(mkdir(folder.file("web/large/\(named)"), 0o755) == 0)
    try folder.write("x", to: "web/large/\(named)/\(named)")
    try #require(mkdir(folder.file("web/large/twins"), 0o755) == 0)
    for name in ["caf\u{E9}", "cafe\u{301}"] { try folder.write("x", to: "web/large/twins/\(name)") }
    var bytes = Array("\(folder.file("web/large"))/bad-".utf8CString.dropLast()) + [CChar(bitPattern: 0xFF), 0]
    let descriptor = open(&bytes, O_CREAT | O_WRONLY, 0o600)
    try #require(descriptor >= 0)
    close(descriptor)

    var program = Program(in: folder)
    program.environment["SD_API"] = "127.0.0.1:1"
    let result = try await program(
      "add", "--file", "web/stack.yaml", "--with", "web/hooks", "--with", "elsewhere/secret.lua", "--with", "web/large",
      "--with", "none", "--with", "hooks")
    #expect(result.status == .exited(1))
    let lines = result.output.split(separator: "\n").map(String.init)
    let root = Self.real(folder.file("web"))
    for expected in [
      "web/hooks/leak.lua: it is a link that leads out of the stack's folder, to \(Self.real(folder.file("elsewhere/secret.lua")))",
      "web/hooks/out: it is a link that leads out of the stack's folder, to \(Self.real(folder.file("elsewhere")))",
      "web/hooks/up: it is a link to a folder that it lies in",
      "web/hooks/dangling: it is a link that leads nowhere",
      "web/hooks/pipe: it is neither a file nor a folder",
      "elsewhere/secret.lua: it does not lie in \(root), the folder of the stack's file",
      "web/large: a name in it is not UTF-8",
      "none: No such file or directory",
      "hooks: No such file or directory; did you mean \(root)/hooks? It is looked for from here",
      "file \"large/one.bin\": it has 1048577 bytes; one may have 1048576 (1 MiB)",
      "file \"large/back\\\\slash\": its path has a backslash; folders are parted by /",
    ] {
      #expect(lines.contains(expected), "\(expected) is not in \(result)")
    }
    #expect(lines.contains { $0.hasSuffix("its path has 407 bytes; it may have 255") }, "\(result)")
    #expect(lines.contains { $0.hasPrefix("file \"large/twins/caf") && $0.hasSuffix(": it comes twice") }, "\(result)")
    #expect(
      lines.first == "ERROR: nothing was sent: the files of the stack have \(lines.count - 1) mistakes", "\(result)")
  }

  private static func real(_ path: String) -> String {
    guard let resolved = realpath(path, nil) else { return path }
    defer { free(resolved) }
    return String(cString: resolved)
  }
}
