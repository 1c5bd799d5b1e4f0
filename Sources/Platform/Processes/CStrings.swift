import Glibc

/// Lends an array of C strings with a null at its end, as `execve` takes it. A string ends at its first NUL.
func withCStrings<Result>(
  _ strings: [String], _ body: (UnsafePointer<UnsafeMutablePointer<CChar>?>) -> Result
) -> Result {
  var pointers: [UnsafeMutablePointer<CChar>?] = strings.map { strdup($0) }
  pointers.append(nil)
  defer { for pointer in pointers { free(pointer) } }
  return pointers.withUnsafeBufferPointer { buffer in
    guard let first = buffer.baseAddress else { preconditionFailure("the array has at least the null") }
    return body(first)
  }
}

func withOptionalCString<Result>(_ string: String?, _ body: (UnsafePointer<CChar>?) -> Result) -> Result {
  if let string { string.withCString { body($0) } } else { body(nil) }
}
