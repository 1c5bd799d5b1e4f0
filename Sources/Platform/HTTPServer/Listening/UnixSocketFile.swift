import Glibc

/// The file of a Unix socket that we listen on.
struct UnixSocketFile: Sendable {
  private let path: String
  private let device: dev_t
  private let inode: ino_t

  /// Makes the socket. A file that a server left behind which was killed is replaced; one that is served is not.
  static func listen(
    at path: String, permissions: UInt32
  ) throws(HTTPServerError) -> (descriptor: Int32, file: UnixSocketFile) {
    guard let address = SocketAddress(unixPath: path) else {
      throw failure(path, .addressUnknown, "a path of 1 to 107 bytes is needed")
    }
    let folder = try lockFolder(of: path)
    defer { close(folder) }
    let listener = socket(AF_UNIX, ListeningSocket.streamType, 0)
    guard listener >= 0 else { throw failure(path, errno) }
    do throws(HTTPServerError) {
      if address.withPointer({ bind(listener, $0, $1) }) != 0 {
        guard errno == EADDRINUSE else { throw failure(path, errno) }
        try removeUnserved(path, address)
        guard address.withPointer({ bind(listener, $0, $1) }) == 0 else { throw failure(path, errno) }
      }
      // Nobody can connect before `listen`, so there is no moment with other permissions.
      var status = stat()
      guard chmod(path, permissions) == 0, Glibc.listen(listener, ListeningSocket.backlog) == 0,
        lstat(path, &status) == 0
      else {
        let error = failure(path, errno)
        unlink(path)
        throw error
      }
      return (listener, UnixSocketFile(path: path, device: status.st_dev, inode: status.st_ino))
    } catch {
      close(listener)
      throw error
    }
  }

  /// Unless another server has taken the path meanwhile.
  func remove() {
    var status = stat()
    guard lstat(path, &status) == 0, status.st_dev == device, status.st_ino == inode else { return }
    unlink(path)
  }

  /// Held while the socket is made, so that two servers that start at once do not both find a path that nobody serves.
  private static func lockFolder(of path: String) throws(HTTPServerError) -> Int32 {
    let folder = path.lastIndex(of: "/").map { $0 == path.startIndex ? "/" : String(path[..<$0]) } ?? "."
    let descriptor = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    guard descriptor >= 0 else { throw failure(path, errno) }
    for _ in 0..<100 {
      if flock(descriptor, LOCK_EX | LOCK_NB) == 0 { return descriptor }
      guard errno == EWOULDBLOCK else { break }
      usleep(10_000)
    }
    close(descriptor)
    throw failure(path, .addressInUse, "another program holds the lock of the folder \(folder)")
  }

  private static func removeUnserved(_ path: String, _ address: SocketAddress) throws(HTTPServerError) {
    var status = stat()
    guard lstat(path, &status) == 0 else { return }
    guard status.st_mode & S_IFMT == S_IFSOCK else {
      throw failure(path, .addressInUse, "there is a file that is no socket; it is left as it is")
    }
    let probe = socket(AF_UNIX, ListeningSocket.streamType, 0)
    guard probe >= 0 else { throw failure(path, errno) }
    defer { close(probe) }
    guard address.withPointer({ connect(probe, $0, $1) }) != 0, errno == ECONNREFUSED else {
      throw failure(path, .addressInUse, "another program listens there; stop it or choose another path")
    }
    unlink(path)
  }

  private static func failure(_ path: String, _ errno: Int32) -> HTTPServerError {
    failure(path, errno == EACCES ? .permissionDenied : .system, String(cString: strerror(errno)))
  }

  private static func failure(_ path: String, _ code: HTTPServerError.Code, _ reason: String) -> HTTPServerError {
    HTTPServerError(code: code, description: "cannot listen on the Unix socket \(path): \(reason)")
  }
}
