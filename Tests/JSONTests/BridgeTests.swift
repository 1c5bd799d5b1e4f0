import JSON
import Testing

private struct Document: Codable, Equatable {
  enum Kind: String, Codable { case plain, rich }
  struct Item: Codable, Equatable {
    var id: String
    var port: UInt16?
  }

  var name: String
  var kind: Kind
  var small: Int8
  var large: UInt64
  var ratio: Double
  var flag: Bool
  var items: [Item]
  var environment: [String: String]
  var extra: JSON?
  var members: JSONObject
  var note: String?
}

private class Base: Codable {
  var id = 1
}

private final class Derived: Base {
  var name = "n"

  private enum CodingKeys: CodingKey { case name }
  override init() { super.init() }

  required init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    name = try container.decode(String.self, forKey: .name)
    try super.init(from: container.superDecoder())
  }

  override func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(name, forKey: .name)
    try super.encode(to: container.superEncoder())
  }
}

@Suite struct BridgeTests {
  private let document = Document(
    name: "n", kind: .rich, small: -128, large: .max, ratio: 2, flag: true,
    items: [.init(id: "a", port: 80), .init(id: "b", port: nil)], environment: ["b": "2", "a": "1", "c": "3"],
    extra: ["z": 1, "a": [nil, 1.0]], members: ["y": 1, "x": 2])

  private let text = """
    {"name":"n","kind":"rich","small":-128,"large":18446744073709551615,"ratio":2.0,"flag":true,\
    "items":[{"id":"a","port":80},{"id":"b"}],"environment":{"a":"1","b":"2","c":"3"},"extra":{"z":1,"a":[null,1.0]},\
    "members":{"y":1,"x":2}}
    """

  @Test func encodesInOrder() throws {
    #expect(try JSON(encoding: document).text == text)
  }

  @Test func decodesWhatItEncoded() throws {
    #expect(try JSON(parsing: text).decode(Document.self) == document)
  }

  @Test func ignoresUnknownMembersAndTakesNullForNil() throws {
    var value = try JSON(parsing: text).objectValue ?? JSONObject()
    value["unknown"] = [1]
    value["note"] = .null
    value["ratio"] = 2
    #expect(try JSON.object(value).decode(Document.self) == document)
  }

  @Test func singleValuesCollectionsAndOptionals() throws {
    #expect(try JSON(encoding: "a") == "a")
    #expect(try JSON(encoding: [Int?.some(1), nil]) == [1, nil])
    #expect(try ([1, nil] as JSON).decode([Int?].self) == [1, nil])
    #expect(try JSON(encoding: Int?.none) == .null)
    #expect(try (["a": [1]] as JSON).decode([String: [Int]].self) == ["a": [1]])
    #expect(try (3.0 as JSON).decode(Int.self) == 3)
    #expect(try ([1, "a"] as JSON).decode([JSON].self) == [1, "a"])
  }

  @Test func classesWithSuperclasses() throws {
    let value = try JSON(encoding: Derived())
    #expect(value == ["name": "n", "super": ["id": 1]])
    #expect(try (["name": "m", "super": ["id": 7]] as JSON).decode(Derived.self).id == 7)
  }

  @Test(
    arguments: [
      ("small", 128, "$.small", "an integer between -128 and 127 is expected, not 128"),
      ("large", -1, "$.large", "an integer between 0 and 18446744073709551615 is expected, not -1"),
      ("small", 1.5, "$.small", "an integer between -128 and 127 is expected, not 1.5"),
      ("name", 1, "$.name", "a string is expected, not a number"),
      ("flag", "yes", "$.flag", "a boolean is expected, not a string"),
      ("ratio", nil, "$.ratio", "a number is expected, not null"),
      ("ratio", .bigNumber("1e999"), "$.ratio", "1e999 is too large for a number"),
      ("items", [:], "$.items", "an array is expected, not an object"),
      ("items", [["id": "a"], ["id": 1]], "$.items[1].id", "a string is expected, not a number"),
      ("items", [["port": 1]], "$.items[0]", #"the member "id" is missing"#),
      (
        "items", [["id": "a", "port": 65536]], "$.items[0].port",
        "an integer between 0 and 65535 is expected, not 65536"
      ),
      ("environment", ["a b": 1], #"$.environment["a b"]"#, "a string is expected, not a number"),
      ("members", [], "$.members", "an object is expected"),
    ] as [(String, JSON, String, String)])
  func errorsNameThePath(member: String, value: JSON, path: String, reason: String) throws {
    var object = try JSON(encoding: document).objectValue ?? JSONObject()
    object[member] = value
    let error = try #require(throws: JSONDecodingError.self) { try JSON.object(object).decode(Document.self) }
    #expect(error.path == path)
    #expect(error.reason == reason)
    #expect(error.description == "\(path): \(reason)")
  }

  @Test func unknownCasesAreErrorsWithAPath() throws {
    var object = try JSON(encoding: document).objectValue ?? JSONObject()
    object["kind"] = "odd"
    let error = try #require(throws: JSONDecodingError.self) { try JSON.object(object).decode(Document.self) }
    #expect(error.path == "$.kind")
    #expect(error.reason.contains("odd"))
  }

  @Test func infinityCannotBeEncoded() throws {
    var changed = document
    changed.ratio = .infinity
    let error = try #require(throws: JSONEncodingError.self) { try JSON(encoding: changed) }
    #expect(error.description == "$.ratio: JSON has no number for inf")
  }
}
