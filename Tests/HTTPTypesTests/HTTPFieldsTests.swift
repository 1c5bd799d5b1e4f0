import HTTPTypes
import Testing

@Suite struct HTTPFieldsTests {
  @Test func namesIgnoreCaseAndOrderIsKept() {
    var fields: HTTPFields = ["Content-Type": "a", "X": "1", "x": "2"]
    #expect(fields["content-TYPE"] == "a")
    #expect(fields.all("X") == ["1", "2"])
    fields["X"] = "3"
    #expect(fields.map { "\($0.name)=\($0.value)" } == ["Content-Type=a", "X=3"])
    fields.append("Y", "4")
    fields["Content-type"] = nil
    #expect(fields.map(\.name) == ["X", "Y"])
    #expect(fields.contains("y"))
    #expect(fields == ["x": "3", "y": "4"])
    #expect(fields != ["y": "4", "x": "3"])
    #expect(fields["Ü"] == nil)
  }

  @Test func listsAreSplitOverAllFields() {
    let fields: HTTPFields = ["Connection": "Keep-Alive,  Upgrade ,", "connection": "close"]
    #expect(fields.tokens("Connection") == ["keep-alive", "upgrade", "close"])
  }

  @Test func namesAndValuesAreChecked() {
    #expect(HTTPFields.isValidName("X-Token_1"))
    for name in ["", "a b", "a:", "ü", "a\n", "a\0"] { #expect(!HTTPFields.isValidName(name)) }
    #expect(HTTPFields.isValidValue("a\tb ü"))
    for value in ["a\nb", "a\r", "\0", "\u{7f}"] { #expect(!HTTPFields.isValidValue(value)) }
  }

  @Test func reasonPhrases() {
    #expect(HTTPStatus.reasonPhrase(404) == "Not Found")
    #expect(HTTPStatus.reasonPhrase(599) == "Server Error")
    #expect(HTTPStatus.reasonPhrase(99) == "Unknown Status")
    #expect(HTTPStatus.isSuccess(204) && !HTTPStatus.isSuccess(302))
  }
}
