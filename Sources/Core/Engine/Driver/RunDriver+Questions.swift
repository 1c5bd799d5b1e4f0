import Concurrency
import JSON
import ScriptHost
import StackModel

extension RunDriver {
  /// Waits, or asks the cluster. `nil` where the server stops before there is an answer.
  func waitOrAsk(_ order: RunStateMachine.CallOrder) async -> HostAnswer? {
    let arguments = order.call.arguments
    switch order.call.function {
    case "time.sleep":
      let isOver = await sleep(until: order.since + (arguments.duration("duration") ?? .zero))
      return isOver ? .result(.null) : nil
    case "marathon.get":
      return await ask { (cluster) throws(ClusterError) in
        let id = clusterID(of: arguments.string("app") ?? "")
        return try await cluster.application(id).map { RunStateMachine.handle(id, $0) } ?? .null
      }
    case "marathon.list":
      let filter = arguments["filter"]?.objectValue ?? [:]
      return await ask { (cluster) throws(ClusterError) in
        let prefix = filter.string("prefix").map { $0.hasPrefix("/") ? $0 : "/" + $0 } ?? "/"
        let ids = try await cluster.applications(label: filter.string("label")).map(\.id)
        return .array(ids.filter { $0.hasPrefix(prefix) }.sorted().map { RunStateMachine.handle($0, nil) })
      }
    case "marathon.tasks":
      let id = clusterID(of: arguments.string("app") ?? "")
      return await ask { (cluster) throws(ClusterError) in
        guard let live = try await cluster.application(id) else {
          throw ClusterError(.notFound, "there is no application \(id)")
        }
        return .array(live.tasks.map(\.scriptJSON))
      }
    case "marathon.info":
      return await ask { (cluster) throws(ClusterError) in
        let info = try await cluster.info()
        var answer: JSONObject = ["id": .string(info.id), "version": .string(info.version)]
        answer["master"] = info.mesosMaster.map { .string($0) }
        return .object(answer)
      }
    default:
      return .failure(HostCallFailure(.internal, "\(order.call.function) cannot be performed here"))
    }
  }

  /// Who approves answers the call; here is only the end of waiting for it, for which no task waits.
  func setEnd(ofApproval order: RunStateMachine.CallOrder, _ application: String, _ token: Int) {
    let arguments = order.call.arguments
    guard let timeout = arguments["options"]?.objectValue?.duration("timeout") else { return }
    let text = "nobody has approved \(arguments.string("name") ?? "") within \(timeout.forPeople)"
    let number = order.call.number
    environment.alarms.set(at: environment.time.uptime(at: order.since + timeout)) { [weak run] in
      let failure = HostCallFailure(.timeout, text)
      run?.post(.performed(application: application, token: token, call: number, .answered(.failure(failure))))
    }
  }

  /// False where the server stops before.
  private func sleep(until end: Timestamp) async -> Bool {
    (try? await environment.time.sleep(untilUptime: environment.time.uptime(at: end))) != nil
  }

  private func ask(
    _ question: @Sendable (any ApplicationCluster) async throws(ClusterError) -> JSON
  ) async -> HostAnswer? {
    switch await environment.gateway.request(question) {
    case .success(let answer): .result(answer)
    case .failure(let error) where error.code == .cancelled: nil
    case .failure(let error) where error.code == .notFound: .failure(HostCallFailure(.notFound, error.message))
    case .failure(let error):
      .failure(HostCallFailure(.unavailable, error.message, retryable: error.isTransient))
    }
  }
}

extension LiveTask {
  /// As `marathon.tasks` returns it.
  fileprivate var scriptJSON: JSON {
    var task: JSONObject = [
      "id": .string(id), "host": .string(host), "ports": .array(ports.map { .integer(Int64($0)) }),
      "state": .string(state),
    ]
    if !health.isEmpty { task["healthy"] = .bool(health.allSatisfy(\.isAlive)) }
    return .object(task)
  }
}
