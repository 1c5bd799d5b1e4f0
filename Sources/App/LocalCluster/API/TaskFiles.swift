import Glibc
import JSON

/// Sandboxes over HTTP in the form of a Mesos agent's `/files/read` and `/files/browse`, with `/tasks/<task id>/<file>` as paths.
struct TaskFiles: Sendable {
  /// What one answer holds at most.
  static let pageLimit = 1 << 20

  let sandboxes: Sandboxes

  func read(path: String?, offset: String?, length: String?) throws(ClusterFault) -> JSON {
    let file = try locate(path)
    guard let from = Int(offset ?? "-1"), from >= -1 else { throw Self.fault("the offset is not a number") }
    guard let wanted = Int(length ?? "\(Self.pageLimit)"), wanted >= -1 else {
      throw Self.fault("the length is not a number")
    }
    let descriptor = open(file, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK)
    guard descriptor >= 0 else { throw Self.noFile(path) }
    defer { close(descriptor) }
    var status = stat()
    guard fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG else { throw Self.noFile(path) }
    // As a Mesos agent: without an offset only the size is told.
    if from == -1 { return ["data": "", "offset": .integer(Int64(status.st_size))] }
    do {
      let count = wanted == -1 ? Self.pageLimit : min(wanted, Self.pageLimit)
      let left = max(0, Int(status.st_size) - from)
      let bytes = try Files.read(descriptor, file, offset: from, count: min(count, left))
      return ["data": .string(String(decoding: bytes, as: UTF8.self)), "offset": .integer(Int64(from))]
    } catch { throw ClusterFault(status: 500, message: "\(error)") }
  }

  func browse(path: String?) throws(ClusterFault) -> JSON {
    let folder = try locate(path)
    guard Files.isFolder(folder) else { throw Self.noFile(path) }
    return .array(
      Files.names(in: folder).compactMap { name in
        guard let status = Files.status("\(folder)/\(name)") else { return nil }
        let isFolder = status.st_mode & S_IFMT == S_IFDIR
        return [
          "path": .string("\(path ?? "")/\(name)"), "size": .integer(Int64(status.st_size)),
          "mode": .string((isFolder ? "d" : "-") + Self.permissions(status.st_mode)),
          "nlink": .integer(Int64(status.st_nlink)), "mtime": .integer(Int64(status.st_mtim.tv_sec)),
        ]
      })
  }

  private func locate(_ path: String?) throws(ClusterFault) -> String {
    guard let path else { throw Self.fault("expecting 'path=value' in the query") }
    let parts = AppPath.segments(path)
    guard parts.count > 1, parts[0] == "tasks", !parts.contains(".."), let sandbox = sandboxes.path(of: parts[1]) else {
      throw Self.noFile(path)
    }
    return ([sandbox] + parts.dropFirst(2)).joined(separator: "/")
  }

  private static func permissions(_ mode: mode_t) -> String {
    String((0..<9).map { bit in mode & (0o400 >> bit) != 0 ? Array("rwxrwxrwx")[Int(bit)] : "-" })
  }

  private static func fault(_ message: String) -> ClusterFault { ClusterFault(status: 400, message: message) }

  private static func noFile(_ path: String?) -> ClusterFault {
    ClusterFault(status: 404, message: "no file \(path ?? ""): the task is unknown, or its sandbox is no longer kept")
  }
}
