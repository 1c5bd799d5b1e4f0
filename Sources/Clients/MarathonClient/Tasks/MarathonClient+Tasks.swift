import HTTPTypes
import JSON

/// What becomes of an application whose tasks are killed.
package enum MarathonKill: Sendable, Hashable {
  /// The tasks are replaced by new ones.
  case replace
  /// The application gets as many instances fewer.
  case scaleDown
  /// The tasks are replaced, and persistent volumes and reservations of theirs are given up.
  case wipe

  fileprivate var query: QueryItems {
    switch self {
    case .replace: [:]
    case .scaleDown: ["scale": "true"]
    case .wipe: ["wipe": "true"]
    }
  }
}

/// What a kill has done.
package struct MarathonKillOutcome: Sendable, Hashable {
  /// The tasks as they were before; empty for ``MarathonKill/scaleDown``.
  package var tasks: [MarathonTask]
  /// Of ``MarathonKill/scaleDown``; for the others nothing is listed.
  package var deploymentID: String?
}

extension MarathonClient {
  /// All tasks of one application; none if there is no such application.
  package func tasks(ofApp id: String) async throws(MarathonError) -> [MarathonTask] {
    try await ifFound { () async throws(MarathonError) in
      try await perform(Call(.get, Self.path(ofApp: id, "tasks"))).decode(TaskList.self).tasks
    } ?? []
  }

  /// The tasks of all applications, with their service ports.
  package func tasks() async throws(MarathonError) -> [MarathonTask] {
    try await perform(Call(.get, "/v2/tasks")).decode(TaskList.self).tasks
  }

  /// Kills one task.
  package func killTask(
    _ taskID: String, ofApp id: String, then kill: MarathonKill = .replace
  ) async throws(MarathonError) -> MarathonKillOutcome {
    try await killed(Call(.delete, Self.path(ofApp: id, "tasks", taskID), query: kill.query))
  }

  /// Kills all tasks of an application, or those on one host.
  package func killTasks(
    ofApp id: String, onHost host: String? = nil, then kill: MarathonKill = .replace
  ) async throws(MarathonError) -> MarathonKillOutcome {
    var query = kill.query
    if let host { query.append("host", host) }
    return try await killed(Call(.delete, Self.path(ofApp: id, "tasks"), query: query))
  }

  /// Kills tasks of any applications. Ids that no longer exist are passed over by 1.11 and refused (422) by 1.6.
  package func killTasks(
    _ taskIDs: [String], then kill: MarathonKill = .replace
  ) async throws(MarathonError) -> MarathonKillOutcome {
    let body: JSON = ["ids": .array(taskIDs.map { .string($0) })]
    return try await killed(Call(.post, "/v2/tasks/delete", query: kill.query, body: body))
  }

  private func killed(_ call: Call) async throws(MarathonError) -> MarathonKillOutcome {
    try await perform(call).decode(KillAnswer.self).outcome
  }

  struct TaskList: Decodable {
    var tasks: [MarathonTask]
  }

  /// `task` for one, `tasks` for many, `deploymentId` for a kill that scales.
  struct KillAnswer: Decodable {
    var outcome: MarathonKillOutcome

    private enum CodingKeys: String, CodingKey { case task, tasks, deploymentId }

    init(from decoder: any Decoder) throws {
      let members = try decoder.container(keyedBy: CodingKeys.self)
      let task = try members.decodeIfPresent(MarathonTask.self, forKey: .task)
      outcome = MarathonKillOutcome(
        tasks: try members.decodeIfPresent([MarathonTask].self, forKey: .tasks) ?? task.map { [$0] } ?? [],
        deploymentID: try members.decodeIfPresent(String.self, forKey: .deploymentId))
    }
  }
}
