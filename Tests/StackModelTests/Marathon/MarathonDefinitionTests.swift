import JSON
import Testing

@testable import StackModel

@Suite struct MarathonDefinitionTests {
  @Test func everyFieldHasItsPlace() throws {
    var application = Application()
    application.id = "full-app"
    application.type = "docker"
    application.version = "1.2.3"
    application.cpu = 0.25
    application.mem = 128
    application.ports = [31001, 31002]
    application.constraints = [["hostname", "UNIQUE"], ["rack", "LIKE", "r.*"]]
    application.user = "root"
    application.healthcheck = .path("/health")
    application.launchCommand = "run --it"
    application.args = ["one", "two words", "3"]
    application.env = ["B": "b", "A": "1"]
    application.artifactURLs = ["http://a/1"]
    application.additionalArtifacts = ["http://b/1"]
    application.scheduler = ["num": "5", "api": "http://$HOST:$PORT0", "empty": ""]
    application.dependencies = ["other"]
    var docker = Docker()
    docker.forcePullImage = true
    docker.image = "busybox"
    docker.network = "BRIDGE"
    docker.parameters = ["cap-add": "SYS_ADMIN"]
    var first = Docker.PortMapping()
    first.containerPort = 80
    first.servicePort = 9000
    first.protocol = "tcp"
    var second = Docker.PortMapping()
    second.containerPort = 53
    docker.portMappings = [first, second]
    var volume = Docker.Volume()
    volume.containerPath = "/data"
    volume.hostPath = "/var/data"
    volume.mode = "RW"
    docker.volumes = [volume]
    application.docker = docker
    let body = MarathonDefinition.body(of: application, stack: "full", zone: "east", instances: 2)
    #expect(
      JSON.object(body).text == """
        {"id":"full-app","cmd":"run --it --num 5 --api http://$HOST:$PORT0 --empty ",\
        "args":["one","two words","3"],"constraints":[["hostname","UNIQUE"],["rack","LIKE","r.*"]],\
        "container":{"type":"DOCKER","docker":{"forcePullImage":true,"image":"busybox","network":"BRIDGE",\
        "parameters":[{"key":"cap-add","value":"SYS_ADMIN"}],\
        "portMappings":[{"containerPort":80,"hostPort":0,"servicePort":9000,"protocol":"tcp"},\
        {"containerPort":53,"hostPort":0,"protocol":""}],"privileged":false},\
        "volumes":[{"containerPath":"/data","hostPath":"/var/data","mode":"RW"}]},"cpus":0.25,\
        "env":{"B":"b","A":"1","STACK_LABELS":"stack=full;zone=east"},\
        "healthChecks":[{"portIndex":0,"path":"/health","maxConsecutiveFailures":18,"protocol":"HTTP",\
        "gracePeriodSeconds":120,"intervalSeconds":10,"timeoutSeconds":30}],"instances":2,"mem":128,\
        "ports":[31001,31002],"requirePorts":true,"user":"root","uris":["http://a/1","http://b/1"],\
        "labels":{"stack":"full","zone":"east"}}
        """)
  }

  @Test func whatIsNotGivenIsLeftOut() {
    var application = Application()
    application.id = "i"
    let body = MarathonDefinition.body(of: application, stack: "m", zone: "", instances: 1)
    #expect(
      JSON.object(body).text == """
        {"id":"i","env":{"STACK_LABELS":"stack=m"},"instances":1,"mem":0,"requirePorts":false,"labels":{"stack":"m"}}
        """)
  }

  @Test func emptyListsAreKept() {
    var application = Application()
    application.emptyLists = [.args, .ports, .artifactURLs, .additionalArtifacts]
    let body = MarathonDefinition.body(of: application, stack: "m", zone: "", instances: 1)
    #expect([body["args"], body["ports"], body["uris"]] == [[], [], []])
    application.emptyLists = [.additionalArtifacts]
    #expect(MarathonDefinition.body(of: application, stack: "m", zone: "", instances: 1)["uris"] == nil)
  }

  @Test func emptyListsAreReadAndNotInherited() throws {
    let stacks = ["{ports: [], args: [], cpu: 1}", "{ports: null, args: []}"].compactMap {
      StackDecoding("applications: {a: \($0)}").stack
    }
    #expect(stacks.first?.applications["a"]?.emptyLists == [.ports, .args])
    let merged = try #require(Stack.merging(stacks)?.applications["a"])
    let body = MarathonDefinition.body(of: merged, stack: "m", zone: "", instances: 1)
    #expect(body["ports"] == nil)
    #expect(body["args"] == [])
  }

  @Test func theAuthorsStackLabelsWin() {
    var application = Application()
    application.env = ["STACK_LABELS": "mine"]
    let body = MarathonDefinition.body(of: application, stack: "m", zone: "z", instances: 1)
    #expect(body["env"] == ["STACK_LABELS": "mine"])
  }

  @Test(arguments: [
    (
      HealthCheckDefinition(
        probe: .tcp, port: 1, interval: .milliseconds(500), timeout: .milliseconds(1_500), grace: .zero, failures: 3),
      """
      {"portIndex":1,"maxConsecutiveFailures":3,"protocol":"TCP","gracePeriodSeconds":0,"intervalSeconds":1,\
      "intervalMillis":500,"timeoutSeconds":2,"timeoutMillis":1500}
      """
    ),
    (
      HealthCheckDefinition(probe: .command, command: "test -f ok", interval: .seconds(2)),
      """
      {"command":{"value":"test -f ok"},"delaySeconds":0,"protocol":"COMMAND",\
      "intervalSeconds":2}
      """
    ),
    (
      HealthCheckDefinition(probe: .http),
      """
      {"portIndex":0,"path":"/","protocol":"HTTP"}
      """
    ),
  ])
  func healthChecks(definition: HealthCheckDefinition, expected: String) {
    var application = Application()
    application.healthcheck = .check(definition)
    let body = MarathonDefinition.body(of: application, stack: "m", zone: "", instances: 1)
    #expect(body["healthChecks"]?[0]?.text == expected)
  }

  @Test func theSameStackGivesTheSameBytes() {
    var application = Application()
    for index in 0..<20 { application.scheduler["flag\(index)"] = "\(index)" }
    let bodies = Set(
      (0..<5).map { _ in
        JSON.object(MarathonDefinition.body(of: application, stack: "m", zone: "z", instances: 1)).text
      })
    #expect(bodies.count == 1)
  }
}
