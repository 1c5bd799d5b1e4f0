import Glibc
import Processes
import Testing

/// `--tls.cert`, `--tls.key` and `--ca`.
struct TLSTests {
  private let folder: Folder
  private let program: Program

  init() throws {
    folder = try Folder()
    program = Program(in: folder)
  }

  /// Makes `<name>.pem` and `<name>.key`: a certificate for 127.0.0.1 that is also its own authority.
  private func makeCertificate(_ name: String) async throws {
    let arguments = [
      "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2", "-subj",
      "/CN=stack-deploy test", "-addext", "subjectAltName=IP:127.0.0.1", "-keyout", "\(name).key", "-out",
      "\(name).pem",
    ]
    try await openssl(arguments)
  }

  private func openssl(_ arguments: [String]) async throws {
    let process = try program.start(arguments, output: "openssl", executable: "openssl")
    try #require(await process.exitStatus() == .exited(0), "\(folder.read("openssl.err"))")
  }

  @Test func serverAndCommandsSpeakTLS() async throws {
    try await makeCertificate("server")
    let arguments = ["--api", "127.0.0.1:0", "--tls.cert", "server.pem", "--tls.key", "server.key"]
    try await ServerProcess.with(arguments, in: folder) { server in
      #expect(server.url.hasPrefix("https://127.0.0.1:"))
      #expect(!folder.read("server.err").contains("may read or change the key"))
      var client = server.client
      let ping = try await client("ping", "--ca", "server.pem")
      #expect(ping.status == .exited(0) && ping.output == "Pong\n", "\(ping)")

      let distrusted = try await client("list")
      #expect(distrusted.status == .exited(1))
      #expect(distrusted.output.contains("TLS: ") && distrusted.output.contains("--ca FILE"), "\(distrusted)")
      let missing = try await client("list", "--ca", "missing.pem")
      #expect(missing.status == .exited(1))
      #expect(missing.output.contains("cannot be read") && missing.output.contains("missing.pem"), "\(missing)")

      client.environment["SD_CA"] = "server.pem"
      #expect(try await client("list").status == .exited(0))
      let plain = server.url.replacing("https:", with: "http:")
      let broken = try await client("list", "--api", plain)
      #expect(broken.status == .exited(1))
      #expect(broken.output.contains("does it speak https?"), "\(broken)")
      // Where authorities are named, an address without a scheme is https.
      client.environment["SD_API"] = String(server.url.dropFirst("https://".count))
      #expect(try await client("list").status == .exited(0))
    }
  }

  @Test func otherReadersOfTheKeyAreWarnedOf() async throws {
    try await makeCertificate("server")
    chmod(folder.file("server.key"), 0o644)
    let arguments = ["--api", "127.0.0.1:0", "--tls.cert", "server.pem", "--tls.key", "server.key"]
    try await ServerProcess.with(arguments, in: folder) { _ in
      #expect(folder.read("server.err").contains("others may read or change the key in server.key"))
    }
  }

  @Test func whatDoesNotFitIsNamedBeforeAnythingStarts() async throws {
    try await makeCertificate("server")
    try await makeCertificate("other")
    try await openssl(["pkey", "-in", "server.key", "-aes128", "-passout", "pass:x", "-out", "locked.key"])
    try folder.write("nothing", to: "text")
    let expected: [(certificate: String, key: String, text: String)] = [
      ("missing.pem", "server.key", "cannot read the file missing.pem that --tls.cert names: No such file"),
      ("server.pem", "missing.key", "cannot read the file missing.key that --tls.key names: No such file"),
      ("server.pem", ".", "cannot read the file . that --tls.key names: Is a directory"),
      ("text", "server.key", "the file text that --tls.cert names has no certificate"),
      ("server.key", "server.key", "the file server.key that --tls.cert names has no certificate"),
      ("server.pem", "text", "the file text that --tls.key names has no private key"),
      ("server.pem", "other.key", "the key in other.key does not belong to the first certificate in server.pem"),
      ("server.pem", "locked.key", "the key in locked.key is protected by a passphrase"),
    ]
    for (certificate, key, text) in expected {
      // Marathon is not asked either.
      let result = try await program(
        "server", "--data-dir", "data", "--api", "127.0.0.1:0", "--marathon", "http://127.0.0.1:1", "--tls.cert",
        certificate, "--tls.key", key)
      #expect(result.status == .exited(1), "\(result)")
      #expect(result.error.contains(text), "\(result)")
      #expect(!result.error.contains("PRIVATE KEY"))
    }
    #expect(folder.read("data/server.json").isEmpty)

    let half = try await program("server", "--tls.cert", "server.pem")
    #expect(half.status == .exited(2))
    #expect(half.error.contains("--tls.cert and --tls.key are needed together"))
  }
}
