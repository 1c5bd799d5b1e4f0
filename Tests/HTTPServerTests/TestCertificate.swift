import Glibc
import HTTPServer
import Processes
import Testing

/// A certificate that signs itself, for 127.0.0.1 and localhost, in a folder of its own; so it is also its authority.
final class TestCertificate: Sendable {
  let folder: String

  var certificateFile: String { "\(folder)/certificate.pem" }

  init() async throws {
    var template = Array("/tmp/stack-deploy-http-XXXXXX".utf8CString)
    try #require(mkdtemp(&template) != nil)
    folder = String(decoding: template.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
    let arguments = [
      "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2", "-subj",
      "/CN=stack-deploy test", "-addext", "subjectAltName=IP:127.0.0.1,DNS:localhost", "-keyout", "\(folder)/key.pem",
      "-out", "\(folder)/certificate.pem",
    ]
    let openssl = try ProcessReactor.shared.spawn(
      ProcessSpecification(
        executable: "openssl", arguments: arguments, environment: ["PATH": "/usr/bin:/bin"], output: .null, error: .null
      ))
    try #require(await openssl.exitStatus() == .exited(0), "openssl makes the certificates of tests")
  }

  deinit {
    for name in ["key.pem", "certificate.pem"] { unlink("\(folder)/\(name)") }
    rmdir(folder)
  }

  var identity: TLSIdentity {
    get throws {
      TLSIdentity(certificates: try text("certificate.pem"), privateKey: try text("key.pem"))
    }
  }

  private func text(_ name: String) throws -> String {
    let file = try #require(fopen("\(folder)/\(name)", "r"))
    defer { fclose(file) }
    var bytes = [UInt8](repeating: 0, count: 64 << 10)
    let count = fread(&bytes, 1, bytes.count, file)
    return String(decoding: bytes.prefix(count), as: UTF8.self)
  }
}
