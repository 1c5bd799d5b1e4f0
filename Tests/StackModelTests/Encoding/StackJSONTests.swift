import JSON
import StackModel
import Testing

@Suite struct StackJSONTests {
  /// Every field set, each to another value.
  static var full: Stack {
    var application = Application()
    application.type = "docker"
    application.id = "web"
    application.version = "0.10"
    application.cpu = 0.5
    application.mem = 512
    application.ports = [31_000, 0]
    application.instances = "all"
    application.constraints = [["hostname", "UNIQUE"], []]
    application.user = "nobody"
    application.healthcheck = .check(
      HealthCheckDefinition(
        probe: .command, path: "/", command: "true", port: 1, interval: .milliseconds(500), timeout: .seconds(90),
        grace: .nanoseconds(1), failures: 0))
    application.launchCommand = "./run \"é\" \u{1}"
    application.args = ["a", ""]
    application.env = ["Z": "1", "A": ""]
    application.artifactURLs = ["http://a/b"]
    application.additionalArtifacts = ["c"]
    application.scheduler = ["z": "1", "b": "2"]
    application.tasks = [
      ApplicationTask("brokers", [.init(key: .string("id"), value: .string("0..1"))]), ApplicationTask("none"),
      ApplicationTask(key: .boolean(true), value: .null),
    ]
    application.dependencies = ["db"]
    var docker = Docker()
    docker.forcePullImage = true
    docker.image = "nginx:1"
    docker.network = "BRIDGE"
    docker.parameters = ["log-driver": "none"]
    var mapping = Docker.PortMapping()
    mapping.containerPort = 80
    mapping.hostPort = 1
    mapping.servicePort = 2
    mapping.protocol = "tcp"
    docker.portMappings = [mapping, Docker.PortMapping()]
    docker.privileged = true
    var volume = Docker.Volume()
    volume.containerPath = "/c"
    volume.hostPath = "/h"
    volume.mode = "RO"
    docker.volumes = [volume]
    application.docker = docker
    application.startTime = "2026-01-01"
    application.timeSchedule = "@every 5m"
    for place in HookPlace.allCases { application.hooks[place] = ["echo \(place.rawValue)"] }
    application.hooks.afterTask += [
      .lua(HookScript(.text("log.info('x')"), stack: "base", file: "base.yaml", line: 12)),
      .lua(HookScript(.file("hooks/register.lua"))),
    ]
    application.unset = [.env, .docker]
    application.emptyLists = [.ports]
    var second = Application()
    second.healthcheck = .path("/health")
    return Stack(
      name: "full", from: "base", namespace: "ns", layer: 7, applications: ["z": application, "a": second],
      grants: ["http.get example.com"])
  }

  @Test func everyFieldReadsBackEqual() throws {
    let json = Self.full.json
    #expect(try Stack(json: json) == Self.full)
    #expect(try Stack(json: JSON(parsing: json.text)) == Self.full)
    let fields = try #require(json["applications"]?["z"]?.objectValue).keys
    #expect(fields == ApplicationField.allCases.map(\.rawValue) + ["unset", "emptyLists"], "the test sets every field")
  }

  @Test func emptyFieldsAreLeftOut() throws {
    #expect(Stack().json.text == "{}")
    #expect(try Stack(json: [:]) == Stack())
    #expect(
      Stack(applications: ["a": Application()], grants: []).json.text == #"{"applications":{"a":{}},"grants":[]}"#)
    #expect(try Stack(json: ["grants": []]).grants == [])
    #expect(try Stack(json: ["grants": nil, "from": nil]) == Stack())
  }

  @Test(arguments: [
    TaskValue.null, .boolean(true), .integer(.min), .integer(.max), .unsigned(.max), .unsigned(1 << 63),
    .number(1), .number(0.1), .number(1e300), .number(-.infinity), .number(.infinity), .string(""), .string(".inf"),
    .list([]), .list([.null, .list([.integer(1)])]),
    .map([]),
    .map([.init(key: .string("b"), value: .integer(1)), .init(key: .string("a"), value: .null)]),
    .map([.init(key: .boolean(true), value: .string("y")), .init(key: .string("true"), value: .null)]),
    .map([.init(key: .list([.integer(1)]), value: .map([]))]),
    .map([.init(key: .string("$number"), value: .string(".inf"))]),
    .map([.init(key: .string("$map"), value: .list([]))]),
    .map([.init(key: .string("a"), value: .integer(1)), .init(key: .string("a"), value: .integer(2))]),
  ])
  func taskValuesKeepTheirTypes(_ value: TaskValue) throws {
    var application = Application()
    application.tasks = [ApplicationTask("t", [.init(key: .string("v"), value: value)])]
    let text = application.json.text
    #expect(try Application(json: JSON(parsing: text)) == application, "\(text)")
  }

  @Test(arguments: [
    (#"[]"#, "$: an object is expected, not an array"),
    (#"{"name": 1}"#, "$.name: a string is expected, not a number"),
    (#"{"applications": {"web": {"ports": [1, "x"]}}}"#, "$.applications.web.ports[1]: an integer is expected"),
    (#"{"applications": {"web": {"healthcheck": {"protocol": "UDP"}}}}"#, "HTTP, TCP, COMMAND"),
    (#"{"applications": {"web": {"healthcheck": {"protocol": "TCP", "grace": "5 parsecs"}}}}"#, "grace"),
    (#"{"applications": {"web": {"tasks": {"t": {"v": {"$map": [[1]]}}}}}}"#, "a pair of key and value"),
  ])
  func whatHasNotTheFormIsNamed(_ text: String, _ message: String) throws {
    let json = try JSON(parsing: text)
    let error = #expect(throws: JSONDecodingError.self) { try Stack(json: json) }
    #expect(error?.description.contains(message) == true, "\(error?.description ?? "")")
  }
}
