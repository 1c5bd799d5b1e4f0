import Glibc

/// A file of the checkout that these tests were built from.
func repositoryFile(_ name: String, from file: String = #filePath) throws -> String {
  let root = file.split(separator: "/").dropLast(3).joined(separator: "/")
  let path = "/\(root)/\(name)"
  guard access(path, R_OK) == 0 else { throw CommandFailure("\(path) is not there") }
  return path
}
