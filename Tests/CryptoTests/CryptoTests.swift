import Crypto
import Testing

@Suite struct DigestTests {
  // FIPS 180-4 examples.
  @Test func digests() {
    #expect(hex(Digest.sha256([])) == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855")
    #expect(hex(Digest.sha256("abc".utf8)) == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad")
    #expect(hex(Digest.sha1("abc".utf8)) == "a9993e364706816aba3e25717850c26c9cd0d89d")
  }

  // RFC 4231, cases 1, 2 and 6.
  @Test func authenticationCodes() {
    let first = hmacSHA256(key: [UInt8](repeating: 0x0B, count: 20), "Hi There".utf8)
    #expect(hex(first) == "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7")
    let second = hmacSHA256(key: Array("Jefe".utf8), "what do ya want for nothing?".utf8)
    #expect(hex(second) == "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843")
    let sixth = hmacSHA256(
      key: [UInt8](repeating: 0xAA, count: 131), "Test Using Larger Than Block-Size Key - Hash Key First".utf8)
    #expect(hex(sixth) == "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54")
    #expect(hex(hmacSHA256(key: [], [])) == "b613679a0814d9ec772f95d778c35fc5ff1697c493715653c6c712144292c5ad")
  }

  @Test func comparison() {
    #expect(constantTimeEquals("abc".utf8, "abc".utf8))
    #expect(!constantTimeEquals("abc".utf8, "abd".utf8))
    #expect(!constantTimeEquals("abc".utf8, "ab".utf8))
    #expect(constantTimeEquals([], []))
  }
}

@Suite struct TextFormTests {
  @Test func hexadecimal() {
    #expect(hex([0, 0x0F, 0xA0, 0xFF]) == "000fa0ff")
    #expect(bytes(hex: "000fA0Ff") == [0, 0x0F, 0xA0, 0xFF])
    for wrong in ["0", "0g", "0x00", " 0"] { #expect(bytes(hex: wrong) == nil) }
  }

  // RFC 4648, section 10.
  @Test(arguments: [
    ("", ""), ("f", "Zg=="), ("fo", "Zm8="), ("foo", "Zm9v"), ("foob", "Zm9vYg=="), ("foobar", "Zm9vYmFy"),
  ])
  func base64(plain: String, encoded: String) {
    #expect(Base64.encode(plain.utf8) == encoded)
    #expect(Base64.decode(encoded) == Array(plain.utf8))
  }

  @Test(arguments: ["Zg", "Zg=", "Z===", "Zg==\n", "Z g=", "Zm9=Zm9v", "Zm9-", "====", "é==="])
  func brokenBase64IsRefused(text: String) {
    #expect(Base64.decode(text) == nil)
  }

  @Test func allBytesSurvive() {
    let all = Array(UInt8.min...UInt8.max)
    #expect(Base64.decode(Base64.encode(all)) == all)
    #expect(bytes(hex: hex(all)) == all)
  }
}

@Suite struct SecureRandomTests {
  @Test func lengthsAndDifference() {
    #expect(SecureRandom.bytes(0).isEmpty)
    #expect(SecureRandom.bytes(32).count == 32)
    #expect(Set((0..<100).map { _ in SecureRandom.bytes(16) }).count == 100)
  }

  @Test func uuids() {
    for _ in 0..<100 {
      let uuid = SecureRandom.uuid()
      let groups = uuid.split(separator: "-").map(String.init)
      #expect(groups.map(\.count) == [8, 4, 4, 4, 12])
      #expect(groups[2].hasPrefix("4"))
      #expect(["8", "9", "a", "b"].contains(groups[3].prefix(1)))
      #expect(bytes(hex: groups.joined()) != nil)
    }
    #expect(SecureRandom.uuid() != SecureRandom.uuid())
  }
}

@Suite struct AESGCMTests {
  private let key = [UInt8](repeating: 7, count: AESGCM.keyLength)

  @Test(arguments: [0, 1, 15, 16, 17, 5_000]) func opensWhatItSealed(length: Int) throws {
    let plain = SecureRandom.bytes(length)
    let sealed = AESGCM.seal(key: key, plain, context: [1])
    #expect(sealed.count == length + 28)
    #expect(try AESGCM.open(key: key, sealed, context: [1]) == plain)
    #expect(sealed != AESGCM.seal(key: key, plain, context: [1]))
  }

  // The GCM specification's test case 16: AES-256 with additional data.
  @Test func knownAnswer() throws {
    let key = try #require(bytes(hex: "feffe9928665731c6d6a8f9467308308feffe9928665731c6d6a8f9467308308"))
    let sealed = try #require(
      bytes(
        hex: "cafebabefacedbaddecaf888"
          + "522dc1f099567d07f47f37a32a84427d643a8cdcbfe5c0c97598a2bd2555d1aa"
          + "8cb08e48590dbb3da7b08b1056828838c5f61e6393ba7a0abcc9f662"
          + "76fc6ece0f4e1768cddf8853bb2d551b"))
    let context = try #require(bytes(hex: "feedfacedeadbeeffeedfacedeadbeefabaddad2"))
    let plain =
      "d9313225f88406e5a55909c5aff5269a86a7a9531534f7da2e4c303d8a318a72"
      + "1c3c0c95956809532fcf0e2449a6b525b16aedf5aa0de657ba637b39"
    #expect(hex(try AESGCM.open(key: key, sealed, context: context)) == plain)
  }

  @Test func refusesWhatWasChanged() {
    let sealed = AESGCM.seal(key: key, Array("secret".utf8))
    for index in sealed.indices {
      var changed = sealed
      changed[index] ^= 1
      #expect(throws: UnsealingError.self) { try AESGCM.open(key: key, changed) }
    }
    #expect(throws: UnsealingError.self) { try AESGCM.open(key: [UInt8](repeating: 8, count: 32), sealed) }
    #expect(throws: UnsealingError.self) { try AESGCM.open(key: key, sealed, context: [1]) }
    for length in 0..<28 {
      #expect(throws: UnsealingError.self) { try AESGCM.open(key: key, Array(sealed.prefix(length))) }
    }
  }
}
