/// All functions of the host. To add one, add its description to the file of its module, and perform it: a pure one in the description, others
/// where calls of scripts are performed.
package enum HostFunctions {
  package static let all: [HostFunction] =
    [fail, approval, parallel] + waiting + vars + marathon + cassandra + log + time + hash + base64 + [uuid] + yaml
    + http + shell

  /// What each module is for.
  static let modules = [
    "base64": "Bytes as text.",
    "cassandra":
      "JSON documents that outlive the run, in the namespace of its stack, on whatever store the server has.",
    "hash": "Digests of text.",
    "http": "Requests to tasks of the run's own applications, and to hosts that are granted.",
    "log": "Lines for the run's log.",
    "marathon": "Applications on the cluster.",
    "shell": "Commands on the server's machine.",
    "time": "Time as the script may know it, so that a run that is taken up again sees the same.",
    "vars": "The variables of the run.",
    "yaml": "YAML as values and back.",
  ]

  static let moduleNames = modules.keys.sorted()

  /// Modules whose functions come with a later version. Scripts that use one of them are told so by its name.
  static let laterModules = ["mesos"]

  /// What is said of a function that is named and not there, behind its name.
  static let isNotThere = "there is no such function in this version"

  private static let byName = Dictionary(uniqueKeysWithValues: all.map { ($0.name, $0) })

  package static func named(_ name: String) -> HostFunction? { byName[name] }

  /// The names of those that need a grant.
  package static let operations = all.filter(\.needsGrant).map(\.name)

  /// The functions that may be called in a phase.
  package static func all(in phase: HostFunction.Phase) -> [HostFunction] { byPhase[phase] ?? [] }

  /// Made once: each script that waits holds one of them.
  private static let byPhase = Dictionary(
    uniqueKeysWithValues: HostFunction.Phase.allCases.map { phase in
      (phase, all.filter { $0.phases.contains(phase) })
    })
}
