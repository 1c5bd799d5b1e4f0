import Concurrency
package import JSON

extension AppDefinition {
  /// The definition in the order of members that Marathon 1.6 writes.
  package var json: JSONObject {
    var object: JSONObject = ["id": .string(id)]
    if let roles = acceptedResourceRoles { object["acceptedResourceRoles"] = .array(roles.map(JSON.string)) }
    if !args.isEmpty { object["args"] = .array(args.map(JSON.string)) }
    object["backoffFactor"] = JSON(measure: backoffFactor)
    object["backoffSeconds"] = JSON(measure: backoffSeconds)
    if let cmd { object["cmd"] = .string(cmd) }
    if !constraints.isEmpty { object["constraints"] = .array(constraints.map(\.json)) }
    if let container { object["container"] = container.json }
    object["cpus"] = JSON(measure: cpus)
    if !dependencies.isEmpty { object["dependencies"] = .array(dependencies.map(JSON.string)) }
    object["disk"] = JSON(measure: disk)
    if !env.isEmpty { object["env"] = .object(env) }
    object["executor"] = .string(executor)
    if !fetch.isEmpty { object["fetch"] = .array(fetch.map(\.json)) }
    if !healthChecks.isEmpty { object["healthChecks"] = .array(healthChecks.map(\.json)) }
    object["instances"] = .integer(Int64(instances))
    object["labels"] = .object(labels)
    object["maxLaunchDelaySeconds"] = JSON(measure: maxLaunchDelaySeconds)
    object["mem"] = JSON(measure: mem)
    object["gpus"] = .integer(Int64(gpus))
    object["networks"] = .array(networks.map(\.json))
    if let portDefinitions { object["portDefinitions"] = .array(portDefinitions.map(\.json)) }
    if !readinessChecks.isEmpty { object["readinessChecks"] = .array(readinessChecks) }
    object["requirePorts"] = .bool(requirePorts)
    if let grace = taskKillGracePeriodSeconds { object["taskKillGracePeriodSeconds"] = JSON(measure: grace) }
    object["upgradeStrategy"] = [
      "maximumOverCapacity": JSON(measure: upgradeStrategy.maximumOverCapacity),
      "minimumHealthCapacity": JSON(measure: upgradeStrategy.minimumHealthCapacity),
    ]
    if let user { object["user"] = .string(user) }
    object["version"] = .string(version.description)
    if let versionInfo {
      object["versionInfo"] = [
        "lastScalingAt": .string(versionInfo.lastScalingAt.description),
        "lastConfigChangeAt": .string(versionInfo.lastConfigChangeAt.description),
      ]
    }
    object["killSelection"] = .string(killSelection.rawValue)
    object["unreachableStrategy"] =
      switch unreachableStrategy {
      case .disabled: "disabled"
      case .after(let inactive, let expunge):
        ["inactiveAfterSeconds": .integer(Int64(inactive)), "expungeAfterSeconds": .integer(Int64(expunge))]
      }
    if let tty { object["tty"] = .bool(tty) }
    return object
  }
}
