import Glibc

/// A file of the checkout that these tests were built from.
func repositoryFile(_ name: String, from file: String = #filePath) throws -> String {
  var folder = file.split(separator: "/")
  while !folder.isEmpty, access("/\(folder.joined(separator: "/"))/Package.swift", R_OK) != 0 { folder.removeLast() }
  let path = "/\(folder.joined(separator: "/"))/\(name)"
  guard access(path, R_OK) == 0 else { throw CommandFailure("\(path) is not there") }
  return path
}
