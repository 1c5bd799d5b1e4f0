/// All functions of the host. To add one, add its description to the file of its module, and perform it: a pure one in the description, others
/// where calls of scripts are performed.
package enum HostFunctions {
  package static let all: [HostFunction] =
    [fail] + vars + log + time + hash + base64 + [uuid]

  private static let byName = Dictionary(uniqueKeysWithValues: all.map { ($0.name, $0) })

  package static func named(_ name: String) -> HostFunction? { byName[name] }

  /// The functions that may be called in a phase.
  package static func all(in phase: HostFunction.Phase) -> [HostFunction] {
    all.filter { $0.phases.contains(phase) }
  }
}
