import StackModel
import Testing

struct NetworkAddressTests {
  @Test(arguments: [
    "1.2.3", "1.2.3.4.5", "1.2.3.", ".1.2.3", "256.0.0.1", "01.2.3.4", "1.2.3.00", "0x1.2.3.4", "1.2.3.+4", "1 .2.3.4",
    "",
    "1.2.3.1000", "١.2.3.4",
  ])
  func noIPv4(_ text: String) { #expect(NetworkAddress(v4: text) == nil) }

  @Test(arguments: [
    "", ":", ":::", "1", "1:2:3:4:5:6:7", "1:2:3:4:5:6:7:8:9", "1:2:3:4:5:6:7::8", "1::2::3", "12345::", "g::", "+1::",
    "::1.2.3.4", "1:2:3:4:5:6:7:", ":1:2:3:4:5:6:7", "::1%lo", "[::1]",
  ])
  func noIPv6(_ text: String) { #expect(NetworkAddress(v6: text) == nil) }

  @Test(arguments: [
    ("::", "0:0:0:0:0:0:0:0"), ("::1", "0:0:0:0:0:0:0:1"), ("1::", "1:0:0:0:0:0:0:0"),
    ("FD00::a:b", "fd00:0:0:0:0:0:a:b"),
    ("1:2:3:4:5:6:7:8", "1:2:3:4:5:6:7:8"), ("1:2:3::5:6:7:8", "1:2:3:0:5:6:7:8"), ("0001::", "1:0:0:0:0:0:0:0"),
  ])
  func ipv6(_ text: String, _ shown: String) throws {
    #expect(try #require(NetworkAddress(v6: text)).description == shown)
  }

  @Test(arguments: [
    ("127.0.0.1", NetworkAddress.Kind.loopback), ("127.255.0.1", .loopback), ("128.0.0.1", .ordinary),
    ("10.0.0.1", .ordinary), ("192.168.0.1", .ordinary), ("8.8.8.8", .ordinary), ("169.253.255.255", .ordinary),
    ("169.254.169.254", .forbidden), ("169.255.0.0", .ordinary), ("0.0.0.0", .forbidden), ("0.1.2.3", .forbidden),
    ("1.0.0.0", .ordinary), ("223.255.255.255", .ordinary), ("224.0.0.1", .forbidden), ("255.255.255.255", .forbidden),
    ("100.100.100.200", .forbidden), ("100.100.100.201", .ordinary), ("168.63.129.16", .forbidden),
  ])
  func kindsOfIPv4(_ text: String, _ kind: NetworkAddress.Kind) throws {
    #expect(try #require(NetworkAddress(v4: text)).kind == kind)
  }

  @Test(arguments: [
    ("::1", NetworkAddress.Kind.loopback), ("::", .forbidden), ("::2", .forbidden), ("::7f00:1", .forbidden),
    ("::ffff:7f00:1", .forbidden), ("::ffff:0:7f00:1", .forbidden), ("64:ff9b::a9fe:a9fe", .forbidden),
    ("64:ff9b:1::1", .forbidden), ("2001::1", .forbidden), ("2001:db8::1", .ordinary), ("2002:7f00:1::", .forbidden),
    ("fe80::1", .forbidden), ("febf::1", .forbidden), ("fec0::1", .forbidden), ("ff02::1", .forbidden),
    ("fd00::1", .ordinary), ("fd00:ec2::254", .forbidden), ("fd20:ce::254", .forbidden), ("2a00::1", .ordinary),
    ("::1:0:0:0", .ordinary),
  ])
  func kindsOfIPv6(_ text: String, _ kind: NetworkAddress.Kind) throws {
    #expect(try #require(NetworkAddress(v6: text)).kind == kind)
  }

  @Test(arguments: [
    ("a.b", "a.b"), ("A.B.", "a.b"), ("localhost", "localhost"), ("1a", "1a"), ("a_b-c", "a_b-c"),
    ("1.2.3.4.", "1.2.3.4"),
    ("[::1]", "[0:0:0:0:0:0:0:1]"), ("0x7g", "0x7g"), ("1.2.3.4.example", "1.2.3.4.example"),
  ])
  func hosts(_ text: String, _ shown: String) throws { #expect(try #require(HTTPHost(text)).description == shown) }

  @Test(arguments: [
    "", ".", "a..b", ".a", "a b", "a%62", "ä", "a/b", "a@b", "127.1", "2130706433", "0x7f000001", "0X7F.0.0.1",
    "0177.0.0.1",
    "1.2.3.0x4", "a.1", "a.0x", "1.2.3.4..", "::1", "[::1", "[1.2.3.4]", "[::1%25lo]", "１２７.0.0.1", "127。0。0。1",
  ])
  func noHosts(_ text: String) { #expect(HTTPHost(text) == nil) }

  @Test func longNamesAreNoHosts() {
    let label = String(repeating: "a", count: 63)
    #expect(HTTPHost(label) != nil)
    #expect(HTTPHost(label + "a") == nil)
    #expect(HTTPHost(Array(repeating: label, count: 4).joined(separator: ".")) == nil)
  }
}
