import Processes
import Testing

/// `add`: what is wrong and what is odd about a file, and what the original's commands print.
struct StackFileTests {
  private let fiveMistakes = """
    name: five
    applications:
      a:
        type: service
        id: a
        cpu: -1
        mem: 16
        ports: 8080
        launch_command:
          run: me
        constraints: [[hostname, LIKELY, x]]
        healthcheck: { protocol: HTTP, interval: 5 parsecs }

    """
  private let twoOddities = """
    name: odd
    applications:
      a:
        type: kafka-mesos-0.9.y
        id: a
        cpu: 1
        mem: 16
        lanch_command: sleep 100

    """

  @Test func mistakesOdditiesAndTheOriginalsOutputs() async throws {
    try await LocalServer.with { server in
      let client = server.client
      try server.folder.write(fiveMistakes, to: "five.yaml")
      try server.folder.write(twoOddities, to: "odd.yaml")

      let five = try await client("add", "--file", "five.yaml")
      #expect(five.status == .exited(1))
      for place in ["6:10", "8:12", "10:7", "11:19", "12:46"] {
        #expect(five.output.contains("five.yaml:\(place): error: "), "\(place) is missing: \(five)")
      }
      #expect(five.output.contains(#"unknown unit " parsecs""#))
      #expect(try await client("list").output == "\n")

      let strict = try await client("add", "--file", "odd.yaml", "--strict")
      #expect(strict.status == .exited(1))
      #expect(try await client("list").output == "\n")

      let odd = try await client("add", "--file", "odd.yaml")
      #expect(odd.status == .exited(0))
      #expect(odd.output == "Stack added\n")
      #expect(
        odd.error.contains(
          #"odd.yaml:4:11: warning: applications.a.type: unknown type "kafka-mesos-0.9.y" (did you mean "kafka-mesos-0.9.x"?)"#
        ))
      #expect(odd.error.contains(#"odd.yaml:8:5: warning: applications.a.lanch_command: unknown field"#))
      #expect(odd.error.split(separator: "\n").count == 2)

      let taken = try await client("add", "--file", "odd.yaml")
      #expect(taken.status == .exited(1))
      let replaced = try await client("add", "--file", "odd.yaml", "--replace")
      #expect(replaced.output == "Stack added\n")
      #expect(try await client("show", "odd", "--revision", "1", "--source").output == twoOddities)

      #expect(try await client("ping").output == "Pong\n")
      #expect(try await client("list").output == "odd\n")
      #expect(try await client("show", "odd").output.hasPrefix("name: odd\napplications:\n  a:\n"))
      #expect(try await client("scheduled").output.isEmpty)
      #expect(try await client("scheduled", "--remove", "7").output == "ERROR: Task 7 not found\n")
      let removed = try await client("remove", "odd")
      #expect(removed.output == "Removing stack odd\nStack removed\n")
      #expect(removed.status == .exited(0))
      let gone = try await client("run", "odd")
      #expect(gone.status == .exited(1))
      #expect(gone.output.hasPrefix("Running stack odd\nERROR running client request: "))

      let user = try await client("adduser", "--name", "bob")
      #expect(user.output.hasPrefix("User added. Key: "))
      var bob = client
      bob.environment["SD_USER"] = "bob"
      bob.environment["SD_KEY"] = String(user.output.dropFirst("User added. Key: ".count).dropLast())
      #expect(try await bob("list").status == .exited(0))
      let refused = try await bob("adduser", "--name", "x")
      #expect(refused.status == .exited(1))
      #expect(refused.output.contains("User bob is not an admin"))
      #expect(try await client("refreshtoken", "--name", "bob").output.hasPrefix("New key generated: "))
      #expect(try await bob("list").status == .exited(1))
    }
  }
}
