import Concurrency
import JSON

/// The environment that Marathon and Mesos give a task.
enum TaskEnvironment {
  /// - Parameter inherited: what every task gets of the cluster's own environment, as `PATH`.
  static func make(_ launch: TaskLaunch, sandbox: String, inherited: [String: String]) -> [String: String] {
    let app = launch.app
    var environment = inherited
    environment["HOST"] = launch.agent.hostname
    environment["MARATHON_APP_ID"] = app.id
    environment["MARATHON_APP_VERSION"] = app.version.description
    environment["MARATHON_APP_RESOURCE_CPUS"] = "\(app.cpus)"
    environment["MARATHON_APP_RESOURCE_MEM"] = "\(app.mem)"
    environment["MARATHON_APP_RESOURCE_DISK"] = "\(app.disk)"
    environment["MARATHON_APP_RESOURCE_GPUS"] = "\(app.gpus)"
    if let image = app.container?.docker?.image { environment["MARATHON_APP_DOCKER_IMAGE"] = image }
    environment["MARATHON_APP_LABELS"] = app.labels.map { name($0.key) }.joined(separator: " ")
    for (label, value) in app.labels { environment["MARATHON_APP_LABEL_\(name(label))"] = value.stringValue ?? "" }
    environment.merge(ports(launch)) { $1 }
    for (key, value) in app.env { environment[key] = value.stringValue ?? "" }
    environment["MESOS_TASK_ID"] = launch.taskId
    environment["MESOS_SANDBOX"] = sandbox
    environment["MESOS_DIRECTORY"] = sandbox
    return environment
  }

  private static func ports(_ launch: TaskLaunch) -> [String: String] {
    guard let first = launch.ports.first else { return [:] }
    var environment = ["PORT": "\(first)", "PORTS": launch.ports.map(String.init).joined(separator: ",")]
    // With an address of its own a task knows its ports by their number inside.
    let numbers = launch.app.portMappings?.map(\.containerPort) ?? launch.app.servicePorts
    for (index, port) in launch.ports.enumerated() {
      environment["PORT\(index)"] = "\(port)"
      if numbers.indices.contains(index) {
        environment["PORT_\(numbers[index] == 0 ? port : numbers[index])"] = "\(port)"
      }
      if let name = launch.app.portNames[index] { environment["PORT_\(name.uppercased())"] = "\(port)" }
    }
    return environment
  }

  /// A label's name as part of a variable's: capitals, `_` for what is neither letter nor digit.
  private static func name(_ label: String) -> String {
    String(label.uppercased().map { ($0.isASCII && ($0.isLetter || $0.isNumber)) ? $0 : "_" })
  }

  /// Names of the cluster's environment that tasks get too.
  static let inheritedNames = ["PATH", "HOME", "LANG", "LC_ALL", "TZ", "TMPDIR"]
}
