import HTTPTypes
import Testing

@Suite struct CodingTests {
  @Test func percentCoding() {
    #expect(PercentCoding.encode("a/b c+ü~") == "a%2Fb%20c%2B%C3%BC~")
    #expect(PercentCoding.encode("a/b c+ü", allowed: .path) == "a/b%20c+%C3%BC")
    #expect(PercentCoding.encode("a/b:c", allowed: .pathSegment) == "a%2Fb:c")
    #expect(PercentCoding.decode("a%2fb%20c+%C3%BC") == "a/b c+ü")
    #expect(PercentCoding.decode("a+b", plusIsSpace: true) == "a b")
    #expect(PercentCoding.decode("%00") == "\0")
    for broken in ["%", "%1", "%zz", "a%2", "%FF", "%C3"] { #expect(PercentCoding.decode(broken) == nil) }
  }

  @Test func everyByteSurvives() {
    for scalar in 0..<0x300 as Range<UInt32> {
      guard let scalar = Unicode.Scalar(scalar) else { continue }
      let text = "a\(Character(scalar))z"
      #expect(PercentCoding.decode(PercentCoding.encode(text)) == text)
      let items: QueryItems = [text: text, "second": text]
      #expect(QueryItems(parsing: items.text) == items)
    }
  }

  @Test func queries() {
    let query = QueryItems(parsing: "a=1&b=x+y%26&a=2&flag&=e&&bad=%zz&c=d=e")
    #expect(query.map { "\($0.name)|\($0.value)" } == ["a|1", "b|x y&", "a|2", "flag|", "|e", "c|d=e"])
    #expect(query["a"] == "1")
    #expect(query.all("a") == ["1", "2"])
    #expect(query["bad"] == nil)
    #expect(query["flag"] == "")
    #expect(QueryItems(parsing: "").isEmpty)
  }

  @Test(arguments: [
    ("Aladdin", "open sesame", "Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ=="), ("", "", "Basic Og=="),
    ("u", "p:ü", "Basic dTpwOsO8"),
  ])
  func basicAuthorization(user: String, password: String, value: String) {
    let authorization = BasicAuthorization(user: user, password: password)
    #expect(authorization.fieldValue == value)
    #expect(BasicAuthorization(fieldValue: value) == authorization)
    #expect(BasicAuthorization(fieldValue: value.replacing("Basic ", with: "bAsIc   ")) == authorization)
    #expect(password.isEmpty || !"\(authorization)".contains(password))
  }

  @Test(arguments: ["", "Basic", "Bearer Og==", "Basic Og=", "Basic Og", "Basic O*==", "Basic YQ==", "Basic /w=="])
  func otherAuthorizationIsRefused(value: String) {
    #expect(BasicAuthorization(fieldValue: value) == nil)
  }
}
