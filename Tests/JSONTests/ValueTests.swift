import JSON
import Testing

@Suite struct ValueTests {
  @Test func readsMembersAndElements() {
    let value: JSON = ["apps": [["id": "/a", "cpus": 0.5, "instances": 3.0, "up": true]], "none": nil]
    #expect(value["apps"]?[0]?["id"]?.stringValue == "/a")
    #expect(value["apps"]?[0]?["cpus"]?.doubleValue == 0.5)
    #expect(value["apps"]?[0]?["cpus"]?.intValue == nil)
    #expect(value["apps"]?[0]?["instances"]?.intValue == 3)
    #expect(value["apps"]?[0]?["up"]?.boolValue == true)
    #expect(value["apps"]?[1] == nil)
    #expect(value["apps"]?["id"] == nil)
    #expect(value["none"]?.isNull == true)
    #expect(value["missing"] == nil)
    #expect(value["apps"]?.arrayValue?.count == 1)
    #expect(value.objectValue?.keys == ["apps", "none"])
    #expect(JSON.bigNumber("18446744073709551616").doubleValue == 18446744073709551616)
    #expect(JSON.bigNumber("1e999").doubleValue == nil)
  }

  @Test func equalityIsStrictAndEquivalenceIsNot() {
    #expect((["a": 1, "b": 2] as JSON) != ["b": 2, "a": 1])
    #expect((["a": 1, "b": [2.0]] as JSON).isEquivalent(to: ["b": [2], "a": 1.0]))
    #expect((1 as JSON) != 1.0)
    #expect(!(1 as JSON).isEquivalent(to: 1.5))
    #expect(!(["a": 1] as JSON).isEquivalent(to: ["a": 1, "b": nil]))
    #expect(!(["a": 1] as JSON).isEquivalent(to: ["b": 1]))
    #expect(!([1, 2] as JSON).isEquivalent(to: [2, 1]))
    #expect(!JSON.integer(.max).isEquivalent(to: .number(9.3e18)))
  }

  @Test(arguments: [3, 40]) func objectsWithoutSomeMembers(count: Int) {
    let object = JSONObject((0..<count).map { ("name\($0)", JSON.integer(Int64($0))) })
    let rest = object.without(["name0", "name2", "other"])
    #expect(rest.count == count - 2)
    #expect(rest.keys.first == "name1")
    #expect(rest["name0"] == nil)
    #expect(rest.keys == object.keys.filter { $0 != "name0" && $0 != "name2" })
  }

  @Test func canonicalSortsAtEveryDepth() {
    let value: JSON = ["b": [["z": 1, "Z": 2]], "a": ["é": 1, "e": 2]]
    #expect(value.canonical.text == #"{"a":{"e":2,"é":1},"b":[{"Z":2,"z":1}]}"#)
  }

  @Test(arguments: [3, 32, 33, 70]) func objectsKeepOrderAtEverySize(count: Int) {
    var object = JSONObject()
    let names = (0..<count).map { "name\(($0 * 7) % count)-\($0)" }
    for (index, name) in names.enumerated() { object[name] = .integer(Int64(index)) }
    #expect(object.keys == names)
    object[names[1]] = "changed"
    #expect(object.keys == names)
    #expect(object[names[1]] == "changed")
    object[names[0]] = nil
    #expect(object.keys == Array(names.dropFirst()))
    #expect(object[names[0]] == nil)
    for name in names.dropFirst() { #expect(object[name] != nil) }
    object[names[0]] = nil
    object[names[0]] = "back"
    #expect(object.keys == Array(names.dropFirst()) + [names[0]])
    #expect(object.count == count)
    #expect(object[names[0]] == "back")
  }
}
