/// One application of ``InstantMarathon``, in the bytes of Marathon 1.6.
struct InstantApp: Sendable {
  let id: String
  let version: String
  let deployment: String
  var isRunning = false
  /// The definition as it was posted, without the brace at its end.
  private let opening: String
  private let task: String
  private let port: Int

  init(id: String, definition: [UInt8], number: Int, now: String) {
    self.id = id
    version = now
    deployment = "00000000-0000-4000-8000-\(Self.padded(number))"
    opening = String(decoding: definition.dropLast(), as: UTF8.self)
    task = "\(String(id.dropFirst().map { $0 == "/" ? "_" : $0 })).\(Self.padded(number))"
    port = 31_000 + number % 1_000
  }

  private static func padded(_ number: Int) -> String {
    let text = String(number)
    return String(repeating: "0", count: max(0, 12 - text.count)) + text
  }

  /// As `GET /v2/apps/{id}` has it.
  var text: String {
    let tasks =
      isRunning
      ? """
      [{"id":"\(task)","appId":"\(id)","host":"127.0.0.1","ports":[\(port)],"servicePorts":[],"slaveId":"agent-0",\
      "state":"TASK_RUNNING","stagedAt":"\(version)","startedAt":"\(version)","version":"\(version)",\
      "ipAddresses":[{"ipAddress":"127.0.0.1","protocol":"IPv4"}],"localVolumes":[]}]
      """ : "[]"
    let deployments = isRunning ? "[]" : "[{\"id\":\"\(deployment)\"}]"
    return """
      \(opening),"backoffFactor":1.15,"backoffSeconds":1,"disk":0,"executor":"","gpus":0,"maxLaunchDelaySeconds":3600,\
      "networks":[{"mode":"host"}],"requirePorts":false,"killSelection":"YOUNGEST_FIRST",\
      "upgradeStrategy":{"maximumOverCapacity":1,"minimumHealthCapacity":1},\
      "unreachableStrategy":{"inactiveAfterSeconds":0,"expungeAfterSeconds":0},"version":"\(version)",\
      "versionInfo":{"lastScalingAt":"\(version)","lastConfigChangeAt":"\(version)"},\
      "tasksStaged":0,"tasksRunning":\(isRunning ? 1 : 0),"tasksHealthy":0,"tasksUnhealthy":0,\
      "deployments":\(deployments),"tasks":\(tasks)}
      """
  }

  // MARK: Events

  private func event(_ type: String, _ members: String) -> String {
    "event: \(type)\r\ndata: {\(members),\"eventType\":\"\(type)\",\"timestamp\":\"\(version)\"}\r\n\r\n"
  }

  private func plan(step action: String? = nil, _ steps: String...) -> String {
    let all = steps.map { "{\"actions\":[{\"action\":\"\($0)\",\"app\":\"\(id)\"}]}" }.joined(separator: ",")
    let step = action.map { ",\"currentStep\":{\"actions\":[{\"action\":\"\($0)\",\"app\":\"\(id)\"}]}" } ?? ""
    return
      "\"id\":\"\(deployment)\",\"plan\":{\"id\":\"\(deployment)\",\"steps\":[\(all)],\"version\":\"\(version)\"}\(step)"
  }

  private func instance(_ condition: String) -> String {
    event(
      "instance_changed_event",
      """
      "instanceId":"\(task)","condition":"\(condition)","runSpecId":"\(id)","agentId":"agent-0","host":"127.0.0.1",\
      "runSpecVersion":"\(version)"
      """)
  }

  private func status(_ state: String) -> String {
    event(
      "status_update_event",
      """
      "slaveId":"agent-0","taskId":"\(task)","taskStatus":"\(state)","message":"","appId":"\(id)","host":"127.0.0.1",\
      "ipAddresses":[],"ports":[\(port)],"version":"\(version)"
      """)
  }

  /// Around the answer to the POST.
  var eventsOfCreation: String {
    event("deployment_info", plan(step: "StartApplication", "StartApplication", "ScaleApplication"))
      + event("deployment_step_success", plan(step: "StartApplication", "StartApplication", "ScaleApplication"))
      + event("deployment_info", plan(step: "ScaleApplication", "StartApplication", "ScaleApplication"))
      + event("group_change_success", "\"groupId\":\"/\",\"version\":\"\(version)\"")
      + event(
        "api_post_event",
        "\"clientIp\":\"127.0.0.1\",\"uri\":\"/v2/apps\",\"appDefinition\":\(opening),\"version\":\"\(version)\"}")
      + instance("Created") + status("TASK_STARTING") + instance("Starting")
  }

  var eventsOfStart: String {
    status("TASK_RUNNING") + instance("Running")
      + event("deployment_step_success", plan(step: "ScaleApplication", "StartApplication", "ScaleApplication"))
      + event("deployment_success", plan("StartApplication", "ScaleApplication"))
  }

  var eventsOfEnd: String {
    event("deployment_info", plan(step: "StopApplication", "StopApplication"))
      + status("TASK_KILLED") + instance("Killed") + event("app_terminated_event", "\"appId\":\"\(id)\"")
      + event("deployment_step_success", plan(step: "StopApplication", "StopApplication"))
      + event("deployment_success", plan("StopApplication"))
  }
}
