import Concurrency
import FaultInjection
import JSON
import StackModel
import Store

@testable import Engine

/// What the server does that the machine asks for.
extension Simulation {
  /// Whether the action may be done twice and must do no harm then.
  func mayBeRepeated(_ action: RunStateMachine.Action) -> Bool {
    switch action {
    // Questions, and what is known by its key or its version.
    case .requestLock, .readCluster, .readOwnership, .observe, .disown, .findHook, .startHook, .cancelHook,
      .cancelScript,
      .fill, .fetchLog, .wake, .answerCall:
      true
    // Those of the programs here: a wait, a document, a command by its key, a request that says the same each time.
    case .performCall: true
    // A script that was parked is run again from its start, under the same token.
    case .runScript: true
    // Noting an owner is a write of one version. A change of the cluster is sent once, says the port; how the cluster may get
    // it twice all the same, `carryOut` says.
    case .change(let order): order.isSettled || order.change.kind == .adopt
    // A task has neither key nor version: what may have been done is for a person to say.
    case .runTask: false
    // The journal's own: the store refuses a second one, which is tried with the stores.
    case .append, .write: false
    case .note, .finish, .halt: false
    }
  }

  static func name(_ action: RunStateMachine.Action) -> String {
    String("\(action)".prefix { $0 != "(" }).split(separator: ".").last.map(String.init) ?? ""
  }

  mutating func perform(_ action: RunStateMachine.Action) {
    switch action {
    case .append, .write, .note, .finish, .halt: break
    case .requestLock: answer(.lockAcquired)
    case .readCluster:
      if chance(3) {
        faults += 1
        answer(.clusterInfo(.failure(ClusterError(.unavailable, "injected"))))
      } else {
        answer(.clusterInfo(.success(ClusterInfo(id: "c", version: "1", mesosMaster: nil))))
      }
    case .readOwnership: answer(.owned(.success(owners.values.sorted { $0.application < $1.application })))
    case .observe(let order): observe(order)
    case .change(let order): change(order)
    case .disown(let application, let clusterID, let token):
      owners[clusterID] = nil
      answer(.disowned(application: application, token: token, .success(())))
    case .findHook(let application, let token, let key):
      if hooks[key] == nil {
        answer(.hook(application: application, token: token, .absent))
      } else {
        report(application, token, key)
      }
    case .startHook(let application, let token, let job):
      start(job.key, job.title)
      report(application, token, job.key)
    case .cancelHook(let key):
      if hooks[key] == .running { hooks[key] = .finished(HookResult(status: .cancelled, outputTail: "")) }
    case .runScript(let application, let token, let order): runScript(application, token, order)
    case .performCall(let application, let token, let order):
      later(.call(application: application, token: token, order, life: life), within: chance(4) ? 3_000 : 100)
    case .answerCall(let application, let token, let call, let given):
      later(.hear(application: application, token: token, call: call, given, life: life), within: 100)
    case .cancelScript(let application, let token): endScript(application, token, .failed(Self.cancelled))
    case .fill(let application, let token, _, let tasks):
      answer(.filled(application: application, token: token, .success(["\(application).tasks": "\(tasks.count)"])))
    case .runTask(let application, let token, _, let job):
      later(.task(application: application, token: token, job, life: life), within: 3_000)
    case .fetchLog(let application, let token, _): answer(.log(application: application, token: token, nil))
    case .wake(let instant): pending.append((instant, .tell(.woke)))
    }
  }

  // MARK: Hooks and tasks

  /// A hook that was started under this key is taken up.
  mutating func start(_ key: HookKey, _ title: String) {
    guard hooks[key] == nil else { return }
    hooks[key] = .running
    hookRuns[title, default: 0] += 1
    later(.hookEnds(key), within: 3_000)
  }

  /// Tells the hook's end once it has come; looks as often as needed.
  mutating func report(_ application: String, _ token: Int, _ key: HookKey) {
    guard case .finished(let result) = hooks[key] else {
      pending.append((now + .milliseconds(300), .report(application: application, token: token, key, life: life)))
      return
    }
    answer(.hook(application: application, token: token, .ended(result)))
  }

  mutating func runTask(_ application: String, _ token: Int, _ job: TaskJob) {
    tasks[job.name, default: 0] += 1
    answer(.taskEnded(application: application, token: token, .success(["\(application).\(job.name)": "done"])))
  }

  /// Someone looks what happened: the task ran, or it did not. Nobody says it twice: it would be said of another step.
  mutating func decide() {
    isDeciding = false
    guard machine.state == .blocked, let walk = machine.walks.first(where: { $0.state == .blocked }) else { return }
    guard case .task(let name) = walk.step else {
      flaw = Flaw(description: "blocked: \(walk.failure?.reason ?? walk.id)")
      return
    }
    handle(.resume(tasks[name] == nil ? .retryStep : .skipStep, by: "someone"))
  }
}
