import Concurrency
import Glibc
import HTTPClient
import HTTPTypes
import Processes

/// Why a file did not get into a sandbox.
struct FetchFault: Error, Sendable, Hashable, CustomStringConvertible {
  var description: String
}

/// Brings files into a task's sandbox before it starts: `file://`, plain paths, `http://` and `https://`; archives are extracted by the
/// system's `tar` and `unzip`.
struct ArtifactFetcher: Sendable {
  let client: HTTPClient
  let environment: [String: String]

  func fetch(_ file: FetchDefinition, into sandbox: String) async throws {
    let target = "\(sandbox)/\(try destination(file))"
    do {
      try Files.createFolder(Files.folder(of: target), mode: 0o755)
      if file.uri.hasPrefix("http://") || file.uri.hasPrefix("https://") {
        try await download(file.uri, to: target)
      } else {
        try await copy(Self.localPath(file.uri), to: target)
      }
    } catch let fault as FileFault {
      throw FetchFault(description: "Failed to fetch '\(file.uri)': \(fault)")
    }
    if file.executable {
      chmod(target, 0o755)
    } else if file.extract, let extraction = Extraction(of: target) {
      try await extract(extraction, target, uri: file.uri, into: sandbox)
    }
  }

  /// Inside the sandbox whatever the definition says.
  private func destination(_ file: FetchDefinition) throws(FetchFault) -> String {
    if let path = file.destPath, !path.isEmpty {
      guard path.utf8.first != UInt8(ascii: "/"), !AppPath.segments(path).contains("..") else {
        throw FetchFault(
          description: "Failed to fetch '\(file.uri)': the destination '\(path)' does not lie in the task's sandbox")
      }
      return path
    }
    let path = file.uri.split(separator: "?", maxSplits: 1).first.map(String.init) ?? file.uri
    let name = APIRoute.decoded(AppPath.segments(path).last ?? "")
    guard !name.isEmpty, name != ".", name != "..", !name.utf8.contains(UInt8(ascii: "/")) else {
      throw FetchFault(description: "Failed to fetch '\(file.uri)': it has no file name; give it a destPath")
    }
    return name
  }

  private static func localPath(_ uri: String) -> String {
    for prefix in ["file://localhost/", "file:///"] where uri.hasPrefix(prefix) {
      return "/" + APIRoute.decoded(uri.dropFirst(prefix.count))
    }
    return uri
  }

  private func download(_ uri: String, to target: String) async throws {
    do {
      let response = try await client.send(
        HTTPClientRequest(.get, url: uri, timeout: nil, idleTimeout: .seconds(60)))
      guard response.status == 200 else {
        throw FetchFault(description: "Failed to fetch '\(uri)': the server answered \(response.status)")
      }
      let descriptor = open(target, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o644)
      guard descriptor >= 0 else { throw FileFault("create", target) }
      defer { close(descriptor) }
      for try await bytes in response.body { try Files.write(bytes, to: descriptor, target) }
    } catch let error as HTTPClientError {
      throw FetchFault(description: "Failed to fetch '\(uri)': \(error)")
    }
  }

  /// On a thread of its own: the file may be large.
  private func copy(_ source: String, to target: String) async throws {
    guard source.hasPrefix("/") else {
      throw FetchFault(
        description: "Failed to fetch '\(source)': only absolute paths, file://, http:// and https:// can be fetched")
    }
    let result = await withCheckedContinuation { (continuation: CheckedContinuation<Result<Void, FileFault>, Never>) in
      startThread(named: "fetch") {
        continuation.resume(returning: Result { () throws(FileFault) in try Self.copyFile(source, to: target) })
      }
    }
    try result.get()
  }

  private static func copyFile(_ source: String, to target: String) throws(FileFault) {
    let input = open(source, O_RDONLY | O_CLOEXEC)
    guard input >= 0 else { throw FileFault("read", source) }
    defer { close(input) }
    if Files.isFolder(source) { throw FileFault("read", source, code: EISDIR) }
    let output = open(target, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o644)
    guard output >= 0 else { throw FileFault("create", target) }
    defer { close(output) }
    var offset = 0
    while true {
      let bytes = try Files.read(input, source, offset: offset, count: 1 << 20)
      if bytes.isEmpty { return }
      try Files.write(bytes, to: output, target)
      offset += bytes.count
    }
  }

  private struct Extraction {
    var executable: String
    var arguments: [String]

    /// By the file's name, as Mesos decides.
    init?(of path: String) {
      let name = path.lowercased()
      if [".tar", ".tgz", ".tar.gz", ".tbz2", ".tar.bz2", ".txz", ".tar.xz"].contains(where: name.hasSuffix) {
        (executable, arguments) = ("tar", ["-xf", path])
      } else if name.hasSuffix(".zip") {
        (executable, arguments) = ("unzip", ["-o", "-q", path])
      } else {
        return nil
      }
    }
  }

  private func extract(_ extraction: Extraction, _ path: String, uri: String, into sandbox: String) async throws {
    let process: SupervisedTask
    do {
      process = try await SupervisedTask.start(
        SupervisedTask.Specification(
          executable: extraction.executable, arguments: extraction.arguments, environment: environment,
          workingDirectory: sandbox, standardError: "\(sandbox)/stderr", killGrace: .zero))
    } catch {
      throw FetchFault(description: "Failed to extract '\(uri)': \(error)")
    }
    let status = await withTaskCancellationHandler {
      await process.exitStatus()
    } onCancel: {
      process.terminate()
    }
    await process.ended()
    guard status.isSuccess else {
      throw FetchFault(
        description: "Failed to extract '\(uri)': \(extraction.executable) ended with \(status); see the task's stderr")
    }
  }
}
