package import JSON

/// A simulated agent: an address of this machine with an amount of resources to give out.
///
/// Nothing holds a task to its share; the amounts only decide what fits.
package struct Agent: Sendable, Hashable {
  package let id: String
  /// A loopback address, so that `$HOST` leads to the task and differs from agent to agent.
  package let hostname: String
  let attributes: [String: String]
  let cpus: Double
  let mem: Double
  let disk: Double
  let ports: ClosedRange<Int>

  /// The value that a constraint on `field` looks at.
  func value(of field: String) -> String? {
    switch field {
    case "hostname", "@hostname": hostname
    default: attributes[field]
    }
  }

  /// The agent as Mesos' master lists it under `slaves`.
  package var masterJSON: JSON {
    [
      "id": .string(id),
      "hostname": .string(hostname),
      "pid": .string("slave(1)@\(hostname):5051"),
      "active": true,
      "attributes": .object(JSONObject(attributes.sorted { $0.key < $1.key }.map { ($0.key, .string($0.value)) })),
      "resources": [
        "cpus": JSON(measure: cpus), "gpus": 0, "mem": JSON(measure: mem), "disk": JSON(measure: disk),
        "ports": .string("[\(ports.lowerBound)-\(ports.upperBound)]"),
      ],
    ]
  }

  /// `count` agents with the addresses 127.0.0.1, 127.0.0.2 …, two to a rack, in zones `z1`…`z3`, the port range split among them: they
  /// are one machine, so no two may give out the same port.
  package static func simulated(
    count: Int, clusterId: String, cpus: Double, mem: Double, ports: ClosedRange<Int>
  ) -> [Agent] {
    let share = max(1, ports.count / max(1, count))
    return (0..<count).map { index in
      let first = ports.lowerBound + index * share
      let last = index == count - 1 ? ports.upperBound : first + share - 1
      return Agent(
        id: "\(clusterId)-S\(index)",
        hostname: "127.0.\((index + 1) / 256).\((index + 1) % 256)",
        attributes: [
          "rack": "r\(index / 2 + 1)", "zone": "z\(index % 3 + 1)", "disktype": index % 2 == 0 ? "ssd" : "hdd",
        ],
        cpus: cpus, mem: mem, disk: 10_000, ports: first...max(first, last))
    }
  }
}
