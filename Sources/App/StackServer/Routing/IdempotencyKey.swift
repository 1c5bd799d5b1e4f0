import Crypto
import HTTPServer
import HTTPTypes
import JSON
import Store

extension Call {
  /// From the field `Idempotency-Key`: the same key, user and request ask for the same run, or the same revision of a
  /// stack, again. Nil without the field.
  /// - Parameter body: what is asked for, whatever the order of its members and its blanks.
  /// - Throws: `Refusal` 400 for a key that is none.
  func submission(_ body: JSON) throws -> Submission? {
    let keys = request.fields.all("Idempotency-Key")
    guard let key = keys.first else { return nil }
    guard keys.count == 1, (1...255).contains(key.utf8.count), key.utf8.allSatisfy({ (0x21...0x7E).contains($0) })
    else {
      throw Refusal.badRequest(
        "an Idempotency-Key has 1 to 255 visible ASCII characters, such as a UUID, and is given once")
    }
    let asked = "\(request.path)\n\(body.canonical.text)"
    return Submission(user: caller?.name ?? "", key: key, digest: hex(Digest.sha256(asked.utf8)))
  }
}
