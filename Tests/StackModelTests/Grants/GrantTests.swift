import StackModel
import Testing

struct GrantTests {
  @Test(arguments: [
    // grant, operation, resource, covers
    ("*", "marathon.deploy", "/a", true), ("*", "shell.run", nil, true),
    ("shell", "shell.run", nil, true), ("shell", "shellx.run", nil, false), ("shell", "shell", nil, true),
    ("shell.run", "shell.run", nil, true), ("shell.ru", "shell.run", nil, false),
    ("marathon", "marathon.deploy", "/a", true), ("marathon.*", "marathon.deploy", "/a", true),
    ("marathon.*", "marathon", nil, false), ("marathon.de*", "marathon.destroy", "/a", true),
    ("marathon.de*", "marathon.scale", "/a", false), ("*.get", "marathon.get", "/a", true),
    ("marathon.deploy:/prod/kafka/*", "marathon.deploy", "/prod/kafka/a", true),
    ("marathon.deploy:/prod/kafka/*", "marathon.deploy", "/prod/kafka/a/b", true),
    ("marathon.deploy:/prod/kafka/*", "marathon.deploy", "/prod/kafka/", true),
    ("marathon.deploy:/prod/kafka/*", "marathon.deploy", "/prod/kafka", false),
    ("marathon.deploy:/prod/kafka/*", "marathon.deploy", "/prod/kafkaesque/a", false),
    ("marathon.deploy:/prod/kafka/*", "marathon.destroy", "/prod/kafka/a", false),
    ("marathon.deploy:/prod/kafka/*", "marathon.deploy", nil, false),
    ("marathon.list:*", "marathon.list", nil, true), ("marathon:/a", "marathon.scale", "/a", true),
    ("marathon:/a", "marathon.scale", "/A", false), ("marathon.*:/*/web", "marathon.scale", "/a/b/web", true),
    ("cassandra.put:web:*", "cassandra.put", "web:x", true), ("cassandra.put:web:*", "cassandra.put", "web", false),
    // Only hosts are granted to http.
    ("http:a", "http.get", "a", false), ("marathon", "Marathon.deploy", nil, false),
  ])
  func covers(_ grant: String, _ operation: String, _ resource: String?, _ covers: Bool) throws {
    #expect(try Grant(grant).covers(operation: operation, resource: resource) == covers)
  }

  @Test(arguments: [
    ("http", "anything.example", 1, true), ("*", "127.0.0.1", 80, true), ("http:*", "10.0.0.1", 80, true),
    ("http:*:443", "a.b", 443, true), ("http:*:443", "a.b", 80, false), ("http:a.b:*", "a.b", 80, true),
    ("http:a.b", "a.b", 9, true), ("http:A.b.", "a.B", 9, true), ("http:a.b", "a.b.", 9, true),
    ("http:*.internal:8080", "a.internal", 8080, true), ("http:*.internal:8080", "a.b.internal", 8080, true),
    ("http:*.internal:8080", "internal", 8080, false), ("http:*.internal:8080", "a.internal", 8081, false),
    ("http:*.internal:8080", "a.internal.evil.example", 8080, false),
    ("http:*.internal:8080", "xinternal", 8080, false), ("http:web-*", "web-1", 80, true),
    ("http:web-*", "10.0.0.1", 80, false),
    ("http:10.0.0.0/8", "10.255.0.1", 80, true), ("http:10.0.0.0/8:81", "10.255.0.1", 80, false),
    ("http:10.0.0.0/8", "11.0.0.1", 80, false), ("http:10.0.0.0/8", "ten.example", 80, false),
    ("http:10.0.0.1:80", "10.0.0.1", 80, true), ("http:10.0.0.1:80", "10.0.0.2", 80, false),
    ("http:0.0.0.0/0", "10.0.0.1", 80, true), ("http:0.0.0.0/0", "[fd00::1]", 80, false),
    ("http:[fd00::/8]:80", "[fd12:0:0::1]", 80, true), ("http:[fd00::/8]", "[fe12::1]", 80, false),
    ("http:[::1]:80", "[0:0:0:0:0:0:0:1]", 80, true), ("http.get:a.b", "a.b", 80, true),
    ("http.post:a.b", "a.b", 80, false), ("marathon:a.b", "a.b", 80, false),
  ])
  func hosts(_ grant: String, _ host: String, _ port: Int, _ covers: Bool) throws {
    let host = try #require(HTTPHost(host))
    #expect(try Grant(grant).covers(operation: "http.get", host: host, port: port) == covers)
  }

  @Test(arguments: [
    ("", 1), (":", 1), (":/a", 1), (".", 1), ("marathon.", 9), ("marathon..deploy", 10), (".deploy", 1),
    ("marathon deploy", 9), ("marathon.deploy:/a b", 19), ("marathon.deploy:", 17), ("marathon/deploy", 9),
    ("marathón.deploy", 7), ("*:/a", 1), ("h*:a.b", 1), ("*.get:a.b", 1), ("a\u{0}b", 2), ("-x", 1),
    ("http:", 6), ("http:a.b:", 10), ("http:a.b:0", 10), ("http:a.b:65536", 10), ("http:a.b:+80", 10),
    ("http:a.b:80a", 10), ("http:::1", 7), ("http:fd00::1", 11), ("http:http://a.b", 11), ("http:a.b/c", 6),
    ("http:127.1", 6), ("http:0x7f000001", 6), ("http:2130706433", 6), ("http:0177.0.0.1", 6),
    ("http:10.0.0.*", 6), ("http:*0", 6), ("http:0x*", 6), ("http:10.0.0.1/8", 6), ("http:10.0.0.0/33", 6),
    ("http:10.0.0.0/", 6), ("http:10.0.0.0/8/8", 6), ("http:[10.0.0.0/8]", 6), ("http:fd00::/8", 11),
    ("http:[fd00::1", 6), ("http:[fe80::1%lo]", 6), ("http:a..b", 6), ("http:ä.b", 6), ("http:a@b", 6),
    ("http:169.254.169.254", 6), ("http:0.0.0.0", 6), ("http:[::]", 6), ("http:[::ffff:127.0.0.1]", 6),
    ("http:[::ffff:7f00:1]", 6), ("http:[fe80::/10]", 6), ("http:224.0.0.0/4", 6), ("http:255.255.255.255", 6),
  ])
  func malformed(_ text: String, _ place: Int) {
    #expect { try Grant(text) } throws: { ($0 as? GrantError)?.place == place }
  }

  @Test func longOnesAreRefused() throws {
    _ = try Grant("a:" + String(repeating: "b", count: 254))
    #expect(throws: GrantError.self) { try Grant("a:" + String(repeating: "b", count: 255)) }
  }

  /// A pattern of many stars costs no more than the product of both lengths.
  @Test func starsDoNotMultiply() throws {
    let grant = try Grant("m:" + String(repeating: "*a", count: 120))
    #expect(!grant.covers(operation: "m", resource: String(repeating: "a", count: 20_000) + "b"))
  }

  @Test func errorsNameThePlace() {
    #expect { try Grant("http:a.b:0") } throws: {
      "\($0)"
        == "\"http:a.b:0\" is no grant: a port is a number from 1 to 65535, or *; an IPv6 address stands in brackets (character 10)"
    }
  }
}
