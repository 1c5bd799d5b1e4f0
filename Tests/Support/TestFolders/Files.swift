import Glibc

package struct SystemError: Error {
  package var number: Int32
}

package func names(in folder: String) throws -> [String] {
  try rawNames(in: Array(folder.utf8CString))
    .map { name in String(decoding: name.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self) }.sorted()
}

/// With the zero that ends each, in no order.
func rawNames(in folder: [CChar]) throws -> [[CChar]] {
  guard let directory = opendir(folder) else { throw SystemError(number: errno) }
  defer { closedir(directory) }
  var names: [[CChar]] = []
  while let entry = readdir(directory) {
    let name = withUnsafeBytes(of: &entry.pointee.d_name) { $0.prefix { $0 != 0 }.map { CChar(bitPattern: $0) } + [0] }
    if name != Array(".".utf8CString), name != Array("..".utf8CString) { names.append(name) }
  }
  return names
}

package func contents(of path: String) throws -> [UInt8] {
  let descriptor = open(path, O_RDONLY | O_CLOEXEC)
  guard descriptor >= 0 else { throw SystemError(number: errno) }
  defer { close(descriptor) }
  var bytes: [UInt8] = []
  var buffer = [UInt8](repeating: 0, count: 65_536)
  while true {
    let count = read(descriptor, &buffer, buffer.count)
    guard count >= 0 else { throw SystemError(number: errno) }
    if count == 0 { return bytes }
    bytes.append(contentsOf: buffer[..<count])
  }
}

package func write(_ bytes: [UInt8], to path: String) throws {
  let descriptor = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o600)
  guard descriptor >= 0 else { throw SystemError(number: errno) }
  defer { close(descriptor) }
  guard write(descriptor, bytes, bytes.count) == bytes.count else { throw SystemError(number: errno) }
}

/// The permission bits.
package func mode(of path: String) throws -> UInt32 {
  var status = stat()
  guard lstat(path, &status) == 0 else { throw SystemError(number: errno) }
  return status.st_mode & 0o777
}
