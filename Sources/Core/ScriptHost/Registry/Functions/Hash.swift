import Crypto
import JSON

extension HostFunctions {
  private static let text = HostField("text", .string, doc: "What is hashed, in UTF-8.")

  static let hash: [HostFunction] = [
    HostFunction(
      "hash.sha256", [text], returns: .string,
      recording: .pure { arguments, _ in
        .result(.string(hex(Digest.sha256((arguments.string("text") ?? "").utf8))))
      },
      doc: "SHA-256 as hexadecimal digits."),
    HostFunction(
      "hash.sha1", [text], returns: .string,
      recording: .pure { arguments, _ in
        .result(.string(hex(Digest.sha1((arguments.string("text") ?? "").utf8))))
      },
      doc: "SHA-1 as hexadecimal digits, for what others ask for; it protects nothing."),
    HostFunction(
      "hash.hmac_sha256", [HostField("key", .string, doc: "The secret key, in UTF-8."), text], returns: .string,
      recording: .pure { arguments, _ in
        let key = Array((arguments.string("key") ?? "").utf8)
        return .result(.string(hex(hmacSHA256(key: key, (arguments.string("text") ?? "").utf8))))
      },
      doc: "HMAC with SHA-256 (RFC 2104) as hexadecimal digits."),
  ]
}
