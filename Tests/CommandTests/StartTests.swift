import Concurrency
import Glibc
import HTTPServer
import HTTPTypes
import Processes
import SQLite
import Testing

/// Servers that cannot start: a sentence, exit code 1, nothing lost.
struct StartTests {
  private let folder: Folder
  private let program: Program

  init() throws {
    folder = try Folder()
    program = Program(in: folder)
  }

  private func start(_ arguments: String...) async throws -> CommandResult {
    try await program.call(
      ["server", "--api", "127.0.0.1:0", "--connect.retries", "2", "--connect.backoff", "50ms"] + arguments)
  }

  private func expectFailure(_ result: CommandResult, _ texts: String..., at: SourceLocation = #_sourceLocation) {
    #expect(result.status == .exited(1), "\(result)", sourceLocation: at)
    #expect(result.output.isEmpty, "\(result)", sourceLocation: at)
    for text in texts { #expect(result.error.contains(text), "\(result)", sourceLocation: at) }
  }

  @Test func nobodyAtMarathonsAddress() async throws {
    let result = try await start("--dev", "--marathon", "http://127.0.0.1:1")
    expectFailure(
      result, "cannot reach Marathon at http://127.0.0.1:1 (tried 2 times)", "connection refused", "--marathon")
  }

  @Test(arguments: [
    (503, "text/html", "<html>busy</html>", "503"), (200, "text/html", "<html>hello</html>", "no JSON"),
    (200, "application/json", "{\"name\": \"mara", "not valid JSON"),
    (200, "application/json", "", "the answer is empty"),
    (200, "application/json", "[]", "cannot reach Marathon"), (401, "text/plain", "", "credentials"),
  ])
  func somethingElseAtMarathonsAddress(status: Int, type: String, body: String, text: String) async throws {
    let marathon = HTTPServer { _ in
      HTTPResponse(status: status, fields: ["Content-Type": type], body: .bytes(Array(body.utf8)))
    }
    try marathon.start()
    let url = "http://127.0.0.1:\(marathon.port)"
    let result = try await start("--dev", "--marathon", url)
    await marathon.stop()
    expectFailure(result, "cannot reach Marathon at \(url)", text)
  }

  @Test func anAddressWithoutAScheme() async throws {
    expectFailure(try await start("--dev", "--marathon", "127.0.0.1:1"), "it has no scheme: write http://127.0.0.1:1")
  }

  /// A server on the port that its Marathon has.
  private func startOnTakenPort(_ program: Program) async throws -> (CommandResult, port: Int) {
    let marathon = HTTPServer { _ in
      HTTPResponse(
        fields: ["Content-Type": "application/json"],
        body: .bytes(Array(#"{"name":"marathon","version":"1.6.590","frameworkId":"f","marathon_config":{}}"#.utf8)))
    }
    try marathon.start()
    let port = marathon.port
    let result = try await program(
      "server", "--dev", "--api", "127.0.0.1:\(port)", "--marathon", "http://127.0.0.1:\(port)")
    await marathon.stop()
    return (result, Int(port))
  }

  @Test func aPortThatIsTaken() async throws {
    let (result, port) = try await startOnTakenPort(program)
    expectFailure(result, "cannot listen on port \(port) of 127.0.0.1", "choose another port")
    #expect(!result.error.contains("Lua"), "\(result)")
  }

  /// It is told, and no reason not to go on: that ends only where the port is taken.
  @Test func aScriptWorkerThatIsMissingOrAnotherProgram() async throws {
    var program = program
    program.environment["STACK_DEPLOY_HELPERS"] = folder.path
    let missing = try await startOnTakenPort(program).0
    expectFailure(missing, "Lua cannot run", "cannot find the program script-worker", "choose another port")
    try #require(symlink("/bin/true", folder.file("script-worker")) == 0)
    let wrong = try await startOnTakenPort(program).0
    expectFailure(
      wrong, "Lua cannot run", "is not the script-worker of this version: it ended before it was ready",
      "choose another port")
  }

  @Test func aFileInPlaceOfTheDataFolder() async throws {
    try folder.write("mine", to: "file")
    expectFailure(
      try await start("--data-dir", "file", "--marathon", "http://127.0.0.1:1"), "data folder file is no folder")
    #expect(folder.read("file") == "mine")
  }

  /// Modes do not stop root, so the folder lies where nobody can write.
  @Test func aDataFolderThatCannotBeWritten() async throws {
    expectFailure(
      try await start("--data-dir", "/proc/stack-deploy", "--marathon", "http://127.0.0.1:1"), "/proc/stack-deploy",
      "choose another folder with --data-dir")
  }

  @Test func aDatabaseOfANewerVersionStaysAsItIs() async throws {
    let first = try await start("--data-dir", "data", "--marathon", "http://127.0.0.1:1")
    expectFailure(first, "cannot reach Marathon")
    let path = folder.file("data/stack-deploy.db")
    let database = try await SQLiteDatabase.open(path)
    try await database.write { try $0.execute("PRAGMA user_version = 99") }
    await database.close()
    let before = folder.read("data/stack-deploy.db")
    let result = try await start("--data-dir", "data", "--marathon", "http://127.0.0.1:1")
    expectFailure(result, "data/stack-deploy.db", "newer", "99")
    #expect(folder.read("data/stack-deploy.db") == before)
  }

  @Test func offlineUsersNeedNoServerAndShareTheFolderWithNone() async throws {
    let added = try await program("adduser", "--data-dir", "data", "--name", "ann", "--admin")
    #expect(added.status == .exited(0), "\(added)")
    #expect(added.output.hasPrefix("User added. Key: "))
    let again = try await program("adduser", "--data-dir", "data", "--name", "ann")
    #expect(again.status == .exited(1))
    #expect(again.output.contains("'ann' already exists"), "\(again)")
  }
}
