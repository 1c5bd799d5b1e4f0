import HTTPTypes
package import JSON

/// What a change has started.
package struct MarathonChange: Sendable, Hashable {
  /// A change that changes nothing has an id too, but no deployment of this id is ever listed.
  package let deploymentID: String
  package let version: String?
}

/// A new application, and the deployment that starts it.
package struct MarathonCreation: Sendable, Hashable {
  package let app: MarathonApp
  package let deploymentID: String?
}

/// Parts of an application that a list shows on request.
package struct MarathonEmbed: Sendable, Hashable {
  let name: String

  package static let tasks = MarathonEmbed(name: "apps.tasks")
  package static let counts = MarathonEmbed(name: "apps.counts")
  package static let deployments = MarathonEmbed(name: "apps.deployments")
  package static let lastTaskFailure = MarathonEmbed(name: "apps.lastTaskFailure")
  package static let taskStatistics = MarathonEmbed(name: "apps.taskStats")
}

extension MarathonClient {
  /// `POST /v2/apps`. An existing application is the error ``MarathonError/Code/exists``.
  package func createApp(_ definition: JSON) async throws(MarathonError) -> MarathonCreation {
    let answer = try await perform(Call(.post, "/v2/apps", body: definition))
    let app = try answer.decode(MarathonApp.self)
    return MarathonCreation(app: app, deploymentID: answer.deploymentID ?? app.deploymentIDs?.first)
  }

  /// The application with its tasks, counts, deployments and last failure; `nil` if there is none.
  package func app(_ id: String) async throws(MarathonError) -> MarathonApp? {
    struct Wrapped: Decodable { var app: MarathonApp }
    return try await ifFound { () async throws(MarathonError) in
      try await perform(Call(.get, Self.path(ofApp: id))).decode(Wrapped.self).app
    }
  }

  /// Applications that fit all filters.
  ///
  /// - Parameters:
  ///   - embed: without any, counts and deployments are there, tasks are not.
  ///   - id: a part of the id, case ignored.
  ///   - command: a part of the command, case ignored.
  ///   - label: a selector: `a==b`, `a!=b`, `a`, `a in (b,c)`, `a notin (b)`; a comma means "and".
  package func apps(
    embed: [MarathonEmbed] = [], id: String? = nil, command: String? = nil, label: String? = nil
  ) async throws(MarathonError) -> [MarathonApp] {
    struct Wrapped: Decodable { var apps: [MarathonApp] }
    var query = QueryItems(embed.map { ("embed", $0.name) })
    for (name, value) in [("id", id), ("cmd", command), ("label", label)] {
      if let value { query.append(name, value) }
    }
    return try await perform(Call(.get, "/v2/apps", query: query)).decode(Wrapped.self).apps
  }

  /// The applications of a group and of the groups in it, e.g. of `/prod`.
  package func apps(inGroup group: String) async throws(MarathonError) -> [MarathonApp] {
    struct Wrapped: Decodable {
      var apps: [MarathonApp]
      private enum CodingKeys: String, CodingKey { case apps = "*" }
    }
    return try await perform(Call(.get, Self.path(ofApp: group, "*"))).decode(Wrapped.self).apps
  }

  /// `PUT /v2/apps/{id}`; creates the application if there is none and the definition is complete.
  ///
  /// Marathon refuses what it reports itself, so `version`, `versionInfo` and the status fields are left out.
  ///
  /// - Parameters:
  ///   - force: cancels deployments that hold the application, in place of ``MarathonError/Code/locked``.
  ///   - replacing: fields that the definition does not have go back to their defaults; else they stay as they are.
  package func updateApp(
    _ id: String, _ definition: JSON, force: Bool = false, replacing: Bool = false
  ) async throws(MarathonError) -> MarathonChange {
    var definition = definition
    if case .object(var object) = definition {
      for field in MarathonApp.reportedFields { object[field] = nil }
      definition = .object(object)
    }
    var query: QueryItems = ["force": force ? "true" : "false"]
    if replacing { query.append("partialUpdate", "false") }
    return try await change(Call(.put, Self.path(ofApp: id), query: query, body: definition))
  }

  /// Changes nothing but the number of instances.
  package func scaleApp(
    _ id: String, to instances: Int, force: Bool = false
  ) async throws(MarathonError) -> MarathonChange {
    try await updateApp(id, ["instances": .integer(Int64(instances))], force: force)
  }

  /// Replaces all tasks under the application's upgrade strategy.
  package func restartApp(_ id: String, force: Bool = false) async throws(MarathonError) -> MarathonChange {
    let query: QueryItems = ["force": force ? "true" : "false"]
    return try await change(Call(.post, Self.path(ofApp: id, "restart"), query: query))
  }

  /// Kills all tasks and removes the application.
  ///
  /// - Parameter force: Marathon's own default is true here, of all places; it is always said.
  package func destroyApp(_ id: String, force: Bool = false) async throws(MarathonError) -> MarathonChange {
    let query: QueryItems = ["force": force ? "true" : "false"]
    return try await change(Call(.delete, Self.path(ofApp: id), query: query))
  }

  /// Names of the versions, the newest first. Marathon also lists those of an earlier, deleted application of this id, and
  /// those of updates that it has refused because of a lock.
  package func versions(ofApp id: String) async throws(MarathonError) -> [String] {
    struct Wrapped: Decodable { var versions: [String] }
    let versions = try await perform(Call(.get, Self.path(ofApp: id, "versions"))).decode(Wrapped.self).versions
    return versions.sorted(by: >)
  }

  /// `nil` if there is no such application or version.
  package func app(_ id: String, version: String) async throws(MarathonError) -> MarathonApp? {
    try await ifFound { () async throws(MarathonError) in
      try await perform(Call(.get, Self.path(ofApp: id, "versions", version))).decode(MarathonApp.self)
    }
  }

  func change(_ call: Call) async throws(MarathonError) -> MarathonChange {
    struct Body: Decodable {
      var deploymentId: String
      var version: String?
    }
    let answer = try await perform(call)
    let body = try answer.decode(Body.self)
    return MarathonChange(deploymentID: body.deploymentId, version: body.version)
  }

  func ifFound<Value>(_ body: () async throws(MarathonError) -> Value) async throws(MarathonError) -> Value? {
    do {
      return try await body()
    } catch  where error.code == .notFound {
      return nil
    }
  }
}
