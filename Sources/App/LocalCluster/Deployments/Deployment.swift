import Concurrency
import JSON

/// A plan under way.
struct Deployment: Sendable {
  let plan: DeploymentPlan
  /// From 0.
  var step = 0
  var progress: [ActionProgress] = []

  var id: String { plan.id }
  var currentActions: [DeploymentPlan.Action] { step < plan.steps.count ? plan.steps[step] : [] }

  var json: JSON {
    [
      "id": .string(id),
      "version": .string(plan.version.description),
      "affectedApps": .array(plan.affected.map(JSON.string)),
      "affectedPods": [],
      "steps": plan.stepsJSON,
      "currentActions": .array(
        currentActions.map { action in
          ["action": .string(action.name), "app": .string(action.app), "readinessCheckResults": []]
        }),
      "currentStep": .integer(Int64(step + 1)),
      "totalSteps": .integer(Int64(plan.steps.count)),
    ]
  }
}

/// How far one action of the current step is.
struct ActionProgress: Sendable {
  let action: DeploymentPlan.Action
  /// Instances from this sequence number on were started for the action.
  let firstSequence: Int
  /// How many of those have to be up before a scaling is over.
  let needed: Int
  /// Those that were up, if only for a moment: a command that ends at once counts.
  var up: Set<String> = []
  var isDone = false
}
