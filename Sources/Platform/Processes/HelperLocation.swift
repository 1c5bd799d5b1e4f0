import Glibc

/// Where the product's helper programs are.
package enum HelperLocation {
  /// The path of a helper: in the folder that the environment variable `STACK_DEPLOY_HELPERS` names, or beside this program, or
  /// under `../libexec/stack-deploy` seen from it.
  package static func find(_ name: String) throws(ProcessError) -> String {
    var folders: [String] = []
    if let folder = environmentVariable("STACK_DEPLOY_HELPERS") {
      folders = [folder]
    } else if let own = ownFolder() {
      folders = [own, "\(own)/../libexec/stack-deploy"]
    }
    for folder in folders where access("\(folder)/\(name)", X_OK) == 0 { return "\(folder)/\(name)" }
    throw ProcessError(
      .helperMissing,
      "cannot find the program \(name) in \(folders.joined(separator: " or ")); install it there, "
        + "or set STACK_DEPLOY_HELPERS to the folder that holds it")
  }

  private static func ownFolder() -> String? {
    let bytes = [UInt8](unsafeUninitializedCapacity: Int(PATH_MAX)) { buffer, count in
      count = buffer.withMemoryRebound(to: CChar.self) { path in
        path.baseAddress.map { max(0, readlink("/proc/self/exe", $0, path.count)) } ?? 0
      }
    }
    guard let slash = bytes.lastIndex(of: UInt8(ascii: "/")) else { return nil }
    return String(decoding: bytes.prefix(slash), as: UTF8.self)
  }
}
