import JSON
import StackModel

/// What the machine takes from a definition once variables are replaced.
extension RunStateMachine {
  func checkBeforeScheduler(_ walk: ApplicationWalk) -> RunFailure? { nil }
  func wantsAllAgents(_ template: Application) -> Bool { template.instances == "all" }
  func definition(of walk: ApplicationWalk, agents: ClusterSnapshot?) -> Result<JSON, RunFailure> {
    .success(["id": .string(walk.id), "cmd": .string(walk.template?.launchCommand ?? "")])
  }
  func hookScript(_ walk: ApplicationWalk, _ hook: HookPlace) -> Result<String, RunFailure> {
    .success("#!/bin/sh\n\n" + (walk.template?.hooks[hook] ?? []).joined(separator: "\n"))
  }
  func taskJob(_ walk: ApplicationWalk, _ name: String) -> Result<TaskJob, RunFailure> {
    .success(TaskJob(application: walk.id, name: name, parameters: [:], variables: variables))
  }
}
