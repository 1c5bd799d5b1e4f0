import Glibc

/// Small files in folders that are ours alone.
enum Folders {
  struct Failure: Error, CustomStringConvertible {
    let description: String

    init(_ what: String, _ path: String, _ reason: String = String(cString: strerror(errno))) {
      description = "cannot \(what) \(path): \(reason)"
    }
  }

  /// Makes a folder and those above it, for the owner alone.
  static func make(_ path: String) throws {
    if mkdir(path, 0o700) == 0 || errno == EEXIST { return }
    guard errno == ENOENT, let slash = path.lastIndex(of: "/"), slash > path.startIndex else {
      throw Failure("make the folder", path)
    }
    try make(String(path[..<slash]))
    guard mkdir(path, 0o700) == 0 || errno == EEXIST else { throw Failure("make the folder", path) }
  }

  /// What is written is put in place of what was there: not of a device, a link or a folder.
  static func refuseOtherThanFile(_ path: String) throws {
    var status = stat()
    if lstat(path, &status) == 0, status.st_mode & S_IFMT != S_IFREG {
      throw Failure("write", path, "it is no plain file")
    }
  }

  /// Writes a file for the owner alone: whole, durable and in place when it returns, or not at all.
  static func write(_ bytes: [UInt8], to path: String) throws {
    let temporary = "\(path).new"
    unlink(temporary)
    let file = open(temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
    guard file >= 0 else { throw Failure("write", path) }
    defer { close(file) }
    var written = 0
    while written < bytes.count {
      let count = bytes[written...].withUnsafeBytes { Glibc.write(file, $0.baseAddress, $0.count) }
      guard count > 0 else { throw Failure("write", path) }
      written += count
    }
    guard fsync(file) == 0, rename(temporary, path) == 0 else { throw Failure("write", path) }
    // The name must last as well.
    let folder = path.lastIndex(of: "/").map { $0 == path.startIndex ? "/" : String(path[..<$0]) } ?? "."
    let folderFile = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    guard folderFile >= 0 else { throw Failure("write", path) }
    defer { close(folderFile) }
    guard fsync(folderFile) == 0 else { throw Failure("write", path) }
  }

  /// The last bytes of a file as text, from the start of a line on; "" if there is no file.
  static func end(of path: String, limit: Int) -> String {
    let file = open(path, O_RDONLY | O_CLOEXEC)
    guard file >= 0 else { return "" }
    defer { close(file) }
    let size = Int(lseek(file, 0, SEEK_END))
    let start = max(0, size - limit)
    lseek(file, off_t(start), SEEK_SET)
    var bytes = [UInt8](repeating: 0, count: size - start)
    var filled = 0
    while filled < bytes.count {
      let count = bytes.withUnsafeMutableBytes { read(file, $0.baseAddress?.advanced(by: filled), $0.count - filled) }
      guard count > 0 else { break }
      filled += count
    }
    var text = bytes[..<filled]
    if start > 0, let lineBreak = text.firstIndex(of: UInt8(ascii: "\n")) { text = text[(lineBreak + 1)...] }
    return String(decoding: text, as: UTF8.self)
  }

  /// At most so many bytes of a file from an offset on; none if it ends there or does not exist.
  static func piece(of path: String, from offset: Int, limit: Int) -> [UInt8] {
    let file = open(path, O_RDONLY | O_CLOEXEC)
    guard file >= 0 else { return [] }
    defer { close(file) }
    return [UInt8](unsafeUninitializedCapacity: limit) { buffer, count in
      count = max(0, pread(file, buffer.baseAddress, buffer.count, off_t(offset)))
    }
  }

  /// Names of what is in a folder; none if it does not exist.
  static func names(in folder: String) -> [String] {
    guard let directory = opendir(folder) else { return [] }
    defer { closedir(directory) }
    var names: [String] = []
    while let entry = readdir(directory) {
      let name = withUnsafePointer(to: &entry.pointee.d_name) {
        $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
      }
      if name != ".", name != ".." { names.append(name) }
    }
    return names
  }

  /// Removes a folder with all that is in it.
  static func remove(_ path: String) {
    if unlink(path) == 0 || errno == ENOENT { return }
    for name in names(in: path) { remove("\(path)/\(name)") }
    rmdir(path)
  }
}
