import ScriptHost
import StackModel
import Testing

struct HTTPTargetTests {
  @Test(arguments: [
    ("http://a.b", "http://a.b:80/"), ("HTTPS://A.b.", "https://a.b:443/"),
    ("http://a.b:8080?x=1", "http://a.b:8080/?x=1"),
    ("http://a.b/x/../y?p=1&q#frag", "http://a.b:80/x/../y?p=1&q"), ("http://[::1]:5/", "http://[0:0:0:0:0:0:0:1]:5/"),
    ("http://a.b/?u=http://c@d", "http://a.b:80/?u=http://c@d"), ("http://a.b/@c", "http://a.b:80/@c"),
    ("http://a.b#@c.d", "http://a.b:80/"), ("http://a.b:080/", "http://a.b:80/"),
  ])
  func plainForm(_ text: String, _ url: String) throws { #expect(try HTTPTarget(text).url == url) }

  @Test(arguments: [
    "", "a.b", "//a.b", "ftp://a.b", "file:///etc/passwd", "http:/a.b", "http://", "http:///x", "http://:80",
    "http://a.b:",
    "http://a.b:0", "http://a.b:65536", "http://a.b:-1", "http://a.b:+80", "http://a.b:8 0", "http://u@a.b",
    "http://u:p@a.b",
    "http://a.b\\@c.d", "http://a.b\\c", "http://a b", "http://a.b/\n", "http://ä.b", "http://a%2eb", "http://127.1",
    "http://0x7f000001", "http://2130706433", "http://0177.0.0.1", "http://[::1", "http://::1", "http://[::1]x",
    "http://[::1]x:80", "http://[fe80::1%25lo]", "http://a.b:80:80", "http://[::ffff:127.0.0.1]", "http://１２７.0.0.1",
    "gopher+http://a.b", " http://a.b",
  ])
  func refused(_ text: String) { #expect(throws: HostCallFailure.self) { try HTTPTarget(text) } }

  @Test func whatIsShownHasNoValuesOfTheQuery() throws {
    var target = try HTTPTarget("http://a.b/x?token=s3cret&flag&s3cret2=")
    target.append(query: "tö&k", "s3 cret=3")
    #expect(target.url == "http://a.b:80/x?token=s3cret&flag&s3cret2=&t%C3%B6%26k=s3%20cret%3D3")
    #expect(target.shown == "http://a.b:80/x?token=…&…&s3cret2=…&t%C3%B6%26k=…")
  }

  @Test func longOnesAreRefused() throws {
    let url = "http://a.b/" + String(repeating: "c", count: (8 << 10) - 11)
    _ = try HTTPTarget(url)
    #expect(throws: HostCallFailure.self) { try HTTPTarget(url + "c") }
  }
}
