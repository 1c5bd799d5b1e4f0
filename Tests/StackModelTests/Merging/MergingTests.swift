import Testing

@testable import StackModel

@Suite struct MergingTests {
  private func stack(_ yaml: String) throws -> Stack {
    let decoding = StackDecoding(yaml)
    #expect(decoding.diagnostics.isEmpty, "\(decoding.diagnostics.text)")
    return try #require(decoding.stack)
  }

  @Test func everyFieldOfTheChildOverrides() throws {
    let parent = try stack("name: p\napplications: {a: {id: p}, only-p: {id: q}}")
    let child = StackJSONTests.full
    var application = try #require(child.applications["z"])
    application.unset = []
    application.emptyLists = []
    let merged = parent.merging(Stack(name: "c", applications: ["a": application, "new": Application()]))
    #expect(merged.name == "c")
    #expect(merged.applications.keys == ["a", "only-p", "new"])
    var expected = application
    expected.env = ["Z": "1"]
    #expect(merged.applications["a"] == expected)
  }

  @Test func whatTheChildLeavesOutStays() throws {
    var application = try #require(StackJSONTests.full.applications["z"])
    application.unset = []
    #expect(application.merging(Application()) == application)
  }

  @Test func explicitNullsEmptyEveryField() throws {
    let nulls = ApplicationField.allCases.map { "\($0.rawValue): null" }.joined(separator: ", ")
    let child = try stack("name: c\napplications: {a: {\(nulls)}}")
    let base = try #require(StackJSONTests.full.applications["z"])
    let merged = Stack(name: "p", applications: ["a": base]).merging(child)
    let result = try #require(merged.applications["a"])
    for field in ApplicationField.allCases { #expect(result.isEmpty(field), "\(field)") }
    #expect(result.unset == Set(ApplicationField.allCases), "it also holds where this is laid over a layer")
  }

  @Test func aNullHoldsThroughLaterMergesUntilSomethingIsSet() throws {
    let zone = try stack("name: z\napplications: {a: {user: zone, version: zone}}")
    let parent = try stack("name: p\napplications: {a: {user: null, version: null}}")
    let child = try stack("name: c\napplications: {a: {version: '2'}}")
    let merged = zone.merging(parent.merging(child))
    #expect(merged.applications["a"]?.user == "")
    #expect(merged.applications["a"]?.version == "2")
  }

  @Test func schedulerAndEnvGoKeyByKey() throws {
    let parent = try stack("name: p\napplications: {a: {env: {A: 1, B: 1}, scheduler: {x: 1, y: 1}}}")
    let child = try stack("name: c\napplications: {a: {env: {B: '', C: 2}, scheduler: {y: '', x: 2, w: ''}}}")
    let merged = parent.merging(child)
    #expect(merged.applications["a"]?.env == ["A": "1", "C": "2"])
    #expect(merged.applications["a"]?.scheduler == ["x": "2"])
  }

  @Test func emptyListsAreForgottenWithTheirField() throws {
    let parent = try stack("name: p\napplications: {a: {ports: [], args: []}}")
    let merged = parent.merging(try stack("name: c\napplications: {a: {ports: [1], args: []}}"))
    #expect(merged.applications["a"]?.emptyLists == [.args])
  }

  @Test func aNullApplicationRemovesTheParents() throws {
    let parent = try stack("name: p\napplications: {a: {id: x}, b: {id: y}}")
    let merged = parent.merging(try stack("name: c\napplications: {a: , z: }"))
    #expect(merged.applications.keys == ["b"])
  }

  @Test func grantsAreTheChildsWhereItHasAny() throws {
    let parent = try stack("name: p\ngrants: [a]")
    #expect(parent.merging(try stack("name: c")).grants == ["a"])
    #expect(parent.merging(try stack("name: c\ngrants: []")).grants == [])
  }
}
