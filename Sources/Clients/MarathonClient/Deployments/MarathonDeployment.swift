/// A deployment that is going on. One that has ended is no longer listed.
package struct MarathonDeployment: Sendable, Hashable, Decodable {
  package var id: String
  package var version: String?
  package var affectedApps: [String]
  package var affectedPods: [String]
  package var steps: [MarathonStep]
  package var currentActions: [MarathonAction]
  /// From 1.
  package var currentStep: Int?
  package var totalSteps: Int?

  private enum CodingKeys: String, CodingKey {
    case id, version, affectedApps, affectedPods, steps, currentActions, currentStep, totalSteps
  }

  package init(from decoder: any Decoder) throws {
    let members = try decoder.container(keyedBy: CodingKeys.self)
    id = try members.decode(String.self, forKey: .id)
    version = try members.decodeIfPresent(String.self, forKey: .version)
    affectedApps = try members.decodeIfPresent([String].self, forKey: .affectedApps) ?? []
    affectedPods = try members.decodeIfPresent([String].self, forKey: .affectedPods) ?? []
    steps = try members.decodeIfPresent([MarathonStep].self, forKey: .steps) ?? []
    currentActions = try members.decodeIfPresent([MarathonAction].self, forKey: .currentActions) ?? []
    currentStep = try members.decodeIfPresent(Int.self, forKey: .currentStep)
    totalSteps = try members.decodeIfPresent(Int.self, forKey: .totalSteps)
  }
}
