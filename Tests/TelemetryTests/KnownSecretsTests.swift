import JSON
import Telemetry
import Testing

struct KnownSecretsTests {
  private let secrets = KnownSecrets()

  @Test func aSecretIsRedactedWhereverItStands() {
    secrets.add("s3cr3t")
    #expect(secrets.redacted("key s3cr3t, again s3cr3ts3cr3t") == "key <redacted>, again <redacted><redacted>")
    #expect(
      secrets.redacted(["a": ["s3cr3t", 1], "x s3cr3t": true]) == ["a": ["<redacted>", 1], "x <redacted>": true])
  }

  @Test func theLongerSecretGoesFirst() {
    secrets.add("pass")
    secrets.add("password")
    #expect(secrets.redacted("password pass") == "<redacted> <redacted>")
  }

  @Test func shortOnesOnlyWhereTheyAreTheWholeValue() {
    secrets.add("abc")
    #expect(secrets.redacted("abcd") == "abcd")
    #expect(secrets.redacted("abc") == "<redacted>")
    secrets.add("")
    #expect(secrets.redacted("") == "")
  }

  @Test func numbersCanBeSecretsToo() {
    secrets.add("123456")
    #expect(secrets.redacted([123456, 7]) == ["<redacted>", 7])
  }

  @Test func addedTwiceIsRemovedTwice() {
    for _ in 0..<2 { secrets.add("s3cr3t") }
    secrets.remove("s3cr3t")
    #expect(secrets.redacted("s3cr3t.") == "<redacted>.")
    secrets.remove("s3cr3t")
    #expect(secrets.redacted("s3cr3t.") == "s3cr3t.")
  }

  @Test func aSecretPrintsAsRedactedWhoeverPrintsIt() {
    let secret = Secret("s3cr3t")
    var dumped = ""
    dump(["key": secret], to: &dumped)
    for text in ["\(secret)", String(reflecting: secret), String(describing: [secret]), dumped] {
      #expect(text.contains("<redacted>"))
      #expect(!text.contains("s3cr3t"))
    }
    #expect(secret.revealed == "s3cr3t")
  }
}
