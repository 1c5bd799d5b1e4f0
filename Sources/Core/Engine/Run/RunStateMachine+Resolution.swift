import JSON
import StackModel

/// What the machine takes from a definition once its variables are replaced: always with the variables of that moment.
extension RunStateMachine {
  private var resolvable: Variables {
    Variables(stack: variables, arbitrary: plan.arbitraryVariables, global: plan.globalVariables)
  }

  /// Whether everything up to the launch can be resolved; asked before the first hook runs.
  func checkBeforeScheduler(_ walk: ApplicationWalk) -> RunFailure? {
    guard let template = walk.template else { return nil }
    switch resolved(template, .launch, walk) {
    case .success: return nil
    case .failure(let failure): return failure
    }
  }

  func wantsAllAgents(_ template: Application) -> Bool { template.instances == "all" }

  /// The definition that the cluster is to have.
  func definition(of walk: ApplicationWalk, agents: ClusterSnapshot?) -> Result<JSON, RunFailure> {
    guard let template = walk.template else { return .success(.null) }
    return resolved(template, .launch, walk).flatMap { application in
      let cluster = agents ?? ClusterSnapshot(agents: [], activatedCount: 0)
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

  /// The hook's lines as one `sh` script.
  func hookScript(_ walk: ApplicationWalk, _ hook: HookPlace) -> Result<String, RunFailure> {
    guard var template = walk.template else { return .success("") }
    // Of the fields that are replaced together, only the hook itself: what comes later may use what it sets.
    let lines = template.hooks[hook]
    template.hooks = Hooks()
    template.hooks[hook] = lines
    template.tasks = []
    if hook == .beforeScheduler { template = Application.only(hooks: template.hooks, id: template.id) }
    return resolved(template, hook.stage, walk).map { "#!/bin/sh\n\n" + $0.hooks[hook].joined(separator: "\n") }
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
      var all = plan.globalVariables
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

extension Application {
  fileprivate static func only(hooks: Hooks, id: String) -> Application {
    var application = Application()
    application.id = id
    application.hooks = hooks
    return application
  }
}
