/// The steps of a deployment. In events of 1.6 there may be the whole groups before and after beside them; they are not
/// looked at.
package struct MarathonPlan: Sendable, Hashable, Decodable {
  package var id: String
  package var version: String?
  package var steps: [MarathonStep]

  private enum CodingKeys: String, CodingKey { case id, version, steps }

  package init(from decoder: any Decoder) throws {
    let members = try decoder.container(keyedBy: CodingKeys.self)
    id = try members.decode(String.self, forKey: .id)
    version = try members.decodeIfPresent(String.self, forKey: .version)
    steps = try members.decodeIfPresent([MarathonStep].self, forKey: .steps) ?? []
  }

  /// Ids of the applications and pods that the steps work on, each once, in their order.
  package var affectedIDs: [String] {
    var ids: [String] = []
    for case let id? in steps.flatMap(\.actions).map(\.id) where !ids.contains(id) { ids.append(id) }
    return ids
  }
}

/// Actions that are done at the same time.
package struct MarathonStep: Sendable, Hashable, Decodable {
  package var actions: [MarathonAction]

  private enum CodingKeys: String, CodingKey { case actions }

  /// An object with `actions`; before Marathon 0.16 just their list.
  package init(from decoder: any Decoder) throws {
    if let members = try? decoder.container(keyedBy: CodingKeys.self) {
      actions = try members.decodeIfPresent([MarathonAction].self, forKey: .actions) ?? []
    } else {
      actions = try [MarathonAction](from: decoder)
    }
  }
}

package struct MarathonAction: Sendable, Hashable, Decodable {
  package var kind: Kind
  /// Of the application or pod.
  package var id: String?

  package struct Kind: RawRepresentable, Sendable, Hashable, CustomStringConvertible {
    package let rawValue: String

    package init(rawValue: String) { self.rawValue = rawValue }

    package static let start = Kind(rawValue: "StartApplication")
    package static let scale = Kind(rawValue: "ScaleApplication")
    package static let restart = Kind(rawValue: "RestartApplication")
    package static let stop = Kind(rawValue: "StopApplication")

    package var description: String { rawValue }
  }

  private enum CodingKeys: String, CodingKey { case action, type, app, pod }

  package init(from decoder: any Decoder) throws {
    let members = try decoder.container(keyedBy: CodingKeys.self)
    let action = try members.decodeIfPresent(String.self, forKey: .action)
    kind = Kind(rawValue: try action ?? members.decodeIfPresent(String.self, forKey: .type) ?? "")
    let app = try members.decodeIfPresent(String.self, forKey: .app)
    id = try app ?? members.decodeIfPresent(String.self, forKey: .pod)
  }
}
