import JSON
import ScriptHost
import Testing

/// `json`, which the worker has by itself.
struct JSONModuleTests {
  @Test(arguments: [
    ("nil", "null"), ("true", "true"), ("1", "1"), ("1.0", "1.0"), ("-0.5", "-0.5"), ("1e300", "1e+300"),
    ("'é\\n\"'", #""é\u000a\"""#), ("{}", "{}"), ("{ 1, { 2 } }", "[1,[2]]"), ("{ b = 1, a = {} }", #"{"a":{},"b":1}"#),
    ("json.array {}", "[]"), ("json.array()", "[]"), ("{ list = json.array { 1 } }", #"{"list":[1]}"#),
    ("{ json.null, 1 }", "[null,1]"), ("{ x = json.null }", #"{"x":null}"#),
    ("math.mininteger", "-9223372036854775808"),
  ])
  func encodes(value: String, text: String) async throws {
    #expect(try await Sandbox.value("return json.encode(\(value))") == .string(text))
  }

  @Test(
    arguments: [
      ("null", .null), (" [1 , 2.50, -0, \"\\u00e9\\ud83d\\ude00\", true] ", [1, 2.5, 0, "é😀", true]),
      (#"{"a":{"b":[]},"c":[{}]}"#, ["a": ["b": []], "c": [[:]]]),
      ("9223372036854775807", 9_223_372_036_854_775_807), ("9223372036854775808", 9_223_372_036_854_775_808.0),
    ] as [(String, JSON)])
  func decodes(text: String, value: JSON) async throws {
    #expect(try await Sandbox.value("return json.decode([==[\(text)]==])") == value)
  }

  @Test func nullIsAValueAndListsStayLists() async throws {
    let value = try await Sandbox.value(
      """
      local v = json.decode('{"a":null,"b":[],"c":{}}')
      v.b[1] = "x"
      table.remove(v.b)
      return { v.a == json.null, type(json.null), tostring(json.null), json.encode(v), #json.array { 1, 2 } }
      """)
    #expect(value == [true, "userdata", "null", #"{"a":null,"b":[],"c":{}}"#, 2])
  }

  @Test(arguments: [
    ("json.decode('')", "not JSON: a value is expected at byte 0"),
    ("json.decode('[1,]')", "not JSON: a value is expected at byte 3"),
    ("json.decode('{\"a\" 1}')", "not JSON: a colon is expected at byte 5"),
    ("json.decode('[1] 2')", "not JSON: more than one value at byte 4"),
    ("json.decode('\"\\xff\"')", "not JSON: a string is not UTF-8 at byte 1"),
    ("json.decode(('['):rep(65) .. (']'):rep(65))", "not JSON: nested too deeply at byte 64"),
    ("json.decode(('['):rep(1000000))", "not JSON: nested too deeply at byte 64"),
    ("json.decode(1 / 0)", "not JSON: a value is expected at byte 0"),
    ("json.decode({})", "bad argument #1 to 'decode' (string expected, got table)"),
    ("json.encode()", "bad argument #1 to 'encode' (value expected)"),
    ("json.encode(print)", "value is a function, which JSON has not"),
    ("json.encode({ a = { 0/0 } })", "value.a[1] is a number that JSON has not"),
    ("json.encode('\\xff')", "value is not UTF-8"),
    ("local t = {} t[1] = t json.encode(t)", "value[1] contains itself"),
    ("local t = {} for _ = 1, 65 do t = { t } end json.encode(t)", "is nested too deeply"),
    ("json.encode(('x'):rep(9 << 20))", "the value is larger than 8388608 bytes"),
    ("json.array(1)", "bad argument #1 to 'array' (table expected, got number)"),
    ("json.array(setmetatable({}, {}))", "bad argument #1 to 'array' (the table has a metatable)"),
    ("json.array(math)", "bad argument #1 to 'array' (the table has a metatable)"),
    ("json.encode(json.array { x = 1 })", "value is a list, but has keys that are not 1 to n"),
    ("setmetatable(json.array {}, {})", "cannot change a protected metatable"),
    ("json.null = 1", "'json' is read-only: cannot set null"),
  ])
  func refuses(source: String, message: String) async throws {
    let failure = try await Sandbox.failure(source)
    #expect(failure.kind == .runtime)
    #expect(failure.message.hasPrefix("a.lua:1: ") && failure.message.contains(message), "\(failure.message)")
  }
}
