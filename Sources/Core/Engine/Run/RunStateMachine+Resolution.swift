import JSON
import StackModel

/// What the machine takes from a definition once its variables are replaced: always with the variables of that moment.
extension RunStateMachine {
  var resolvable: Variables {
    Variables(
      stack: variables, arbitrary: plan.arbitraryVariables, global: plan.globalVariables, declared: declaredDefaults)
  }

  /// Whether everything up to the launch can be resolved; asked before the first hook runs.
  func checkBeforeScheduler(_ walk: ApplicationWalk) -> RunFailure? {
    // A script may set what the lines and the launch after it need.
    guard let template = walk.template, !template.hooks.beforeScheduler.contains(where: \.isScript) else { return nil }
    switch resolved(template, .launch, walk) {
    case .success: return nil
    case .failure(let failure): return failure
    }
  }

  func wantsAllAgents(_ template: Application) -> Bool { template.instances == "all" }

  /// The definition that the cluster is to have.
  func definition(of walk: ApplicationWalk, _ seen: Observation) -> Result<JSON, RunFailure> {
    if let caller = walk.caller { return definition(for: caller, walk, seen) }
    guard let template = walk.template else { return .success(.null) }
    return resolved(template, .launch, walk).flatMap { application in
      let cluster = seen.agents ?? ClusterSnapshot(agents: [], activatedCount: 0)
      do {
        let instances = try application.instanceCount(in: cluster)
        return .success(
          .object(
            MarathonDefinition.body(
              of: application, stack: plan.stack.name, zone: plan.zone, instances: instances)))
      } catch {
        return .failure(RunFailure(application: walk.id, step: walk.step?.name, reason: "\(error)"))
      }
    }
  }

  /// The part of a hook that a step runs, as its author wrote it.
  func hookPart(_ walk: ApplicationWalk, _ hook: HookPlace, _ part: Int?) -> HookPart {
    let parts = walk.template?.hooks[hook].parts ?? []
    let index = (part ?? 1) - 1
    return parts.indices.contains(index) ? parts[index] : .shell([])
  }

  /// Lines of a hook as one `sh` script.
  func shellScript(_ lines: [String], _ walk: ApplicationWalk, _ hook: HookPlace) -> Result<String, RunFailure> {
    // Of the fields that are replaced together, only the hook itself: what comes later may use what it sets.
    var application = Application()
    application.id = walk.id
    application.hooks[hook] = lines.map(HookCommand.shell)
    return resolved(application, hook.stage, walk).map { resolved in
      let lines = resolved.hooks[hook].map { if case .shell(let line) = $0 { line } else { "" } }
      return "#!/bin/sh\n\n" + lines.joined(separator: "\n")
    }
  }

  func taskJob(_ walk: ApplicationWalk, _ name: String) -> Result<TaskJob, RunFailure> {
    guard var template = walk.template else {
      return .failure(RunFailure(application: walk.id, reason: "it has no tasks"))
    }
    template.hooks = Hooks()
    template.tasks = template.tasks.filter { $0.name == name }
    return resolved(template, .tasks, walk).flatMap { application in
      guard let parameters = application.tasks.first?.parameters else {
        return .failure(
          RunFailure(application: walk.id, step: walk.step?.name, reason: "the task \(name) is no map of parameters"))
      }
      var all = declaredDefaults
      for (name, value) in plan.globalVariables { all[name] = value }
      for (name, value) in plan.arbitraryVariables { all[name] = value }
      for (name, value) in variables { all[name] = value }
      return .success(TaskJob(application: walk.id, name: name, parameters: parameters, variables: all))
    }
  }

  private func resolved(
    _ application: Application, _ stage: Application.SubstitutionStage, _ walk: ApplicationWalk
  ) -> Result<Application, RunFailure> {
    do {
      return .success(try application.substituting(resolvable, for: [stage]))
    } catch {
      let reason = error.problems.map(\.description).joined(separator: "; ")
      return .failure(RunFailure(application: walk.id, step: walk.step?.name, reason: reason))
    }
  }
}

extension HookPlace {
  fileprivate var stage: Application.SubstitutionStage {
    switch self {
    case .beforeScheduler: .launch
    case .afterScheduler: .afterScheduler
    case .beforeTask, .afterTask: .tasks
    case .afterTasks: .afterTasks
    }
  }
}
