import Crypto
import HTTPTypes

/// The name and random password that the cluster asks for, in a file that only its owner reads.
enum Credential {
  static let user = "cluster"

  /// The one that the file holds, made on first use.
  static func loadOrCreate(_ path: String) throws(FileFault) -> BasicAuthorization {
    if let known = try load(path) { return known }
    let made = BasicAuthorization(user: user, password: hex(SecureRandom.bytes(24)))
    try Files.replace(path, with: Array("\(made.user):\(made.password)\n".utf8), mode: 0o600)
    return made
  }

  static func load(_ path: String) throws(FileFault) -> BasicAuthorization? {
    guard let bytes = try Files.read(path) else { return nil }
    let text = String(decoding: bytes, as: UTF8.self).split(separator: "\n").first.map(String.init) ?? ""
    let parts = text.split(separator: ":", maxSplits: 1).map(String.init)
    guard parts.count == 2, !parts[1].isEmpty else { return nil }
    return BasicAuthorization(user: parts[0], password: parts[1])
  }
}
