import Glibc

/// What went wrong with a file, with its name and the system's reason.
struct FileFault: Error, Sendable, Hashable, CustomStringConvertible {
  var description: String

  init(_ what: String, _ path: String, code: Int32 = errno) {
    description = "cannot \(what) \(path): \(String(cString: strerror(code)))"
  }
}

/// Small files and folders. Everything here is short; what may take long is done on threads of its own.
enum Files {
  /// Creates a folder and those above it.
  static func createFolder(_ path: String, mode: mode_t = 0o700) throws(FileFault) {
    if mkdir(path, mode) == 0 || (errno == EEXIST && isFolder(path)) { return }
    let parent = folder(of: path)
    guard errno == ENOENT, parent != path, !parent.isEmpty else { throw FileFault("create the folder", path) }
    try createFolder(parent, mode: mode)
    guard mkdir(path, mode) == 0 || errno == EEXIST else { throw FileFault("create the folder", path) }
  }

  static func folder(of path: String) -> String {
    guard let slash = path.lastIndex(of: "/") else { return "." }
    return slash == path.startIndex ? "/" : String(path[..<slash])
  }

  static func isFolder(_ path: String) -> Bool { status(path).map { $0.st_mode & S_IFMT == S_IFDIR } ?? false }

  /// What a path leads to, without following a link at its end.
  static func status(_ path: String) -> stat? {
    var result = stat()
    return lstat(path, &result) == 0 ? result : nil
  }

  static func names(in folder: String) -> [String] {
    guard let directory = opendir(folder) else { return [] }
    defer { closedir(directory) }
    var names: [String] = []
    while let entry = readdir(directory) {
      let name = withUnsafePointer(to: &entry.pointee.d_name) { pointer in
        pointer.withMemoryRebound(to: CChar.self, capacity: Int(NAME_MAX) + 1) { String(cString: $0) }
      }
      if name != ".", name != ".." { names.append(name) }
    }
    return names.sorted()
  }

  /// Removes a file, or a folder with all that is in it. Links are removed, not followed.
  static func remove(_ path: String) {
    guard isFolder(path) else {
      unlink(path)
      return
    }
    for name in names(in: path) { remove("\(path)/\(name)") }
    rmdir(path)
  }

  /// The whole of a file, `nil` if there is none.
  static func read(_ path: String, limit: Int = 1 << 20) throws(FileFault) -> [UInt8]? {
    let descriptor = open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else {
      if errno == ENOENT { return nil }
      throw FileFault("read", path)
    }
    defer { close(descriptor) }
    return try read(descriptor, path, offset: 0, count: limit)
  }

  /// `count` bytes at most from `offset` on.
  static func read(_ descriptor: Int32, _ path: String, offset: Int, count: Int) throws(FileFault) -> [UInt8] {
    var bytes = [UInt8](repeating: 0, count: count)
    var used = 0
    while used < count {
      let result = bytes.withUnsafeMutableBytes { buffer in
        pread(descriptor, buffer.baseAddress?.advanced(by: used), count - used, off_t(offset + used))
      }
      if result < 0, errno == EINTR { continue }
      guard result >= 0 else { throw FileFault("read", path) }
      if result == 0 { break }
      used += result
    }
    bytes.removeLast(count - used)
    return bytes
  }

  static func write(_ bytes: [UInt8], to descriptor: Int32, _ path: String) throws(FileFault) {
    var rest = bytes[...]
    while !rest.isEmpty {
      let result = rest.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
      if result < 0, errno == EINTR { continue }
      guard result > 0 else { throw FileFault("write", path) }
      rest = rest.dropFirst(result)
    }
  }

  /// Puts a file with these bytes in the place of `path`: whoever reads it sees the old or the new one.
  static func replace(_ path: String, with bytes: [UInt8], mode: mode_t = 0o600) throws(FileFault) {
    let temporary = "\(path).\(getpid()).new"
    let descriptor = open(temporary, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, mode)
    guard descriptor >= 0 else { throw FileFault("create", temporary) }
    defer { close(descriptor) }
    do throws(FileFault) {
      try write(bytes, to: descriptor, temporary)
      guard fsync(descriptor) == 0 else { throw FileFault("write", temporary) }
      guard rename(temporary, path) == 0 else { throw FileFault("replace", path) }
    } catch {
      unlink(temporary)
      throw error
    }
  }
}
