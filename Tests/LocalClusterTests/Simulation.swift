import Concurrency
import JSON

@testable import LocalCluster

/// A cluster whose tasks and clock are played: no process, no socket, no waiting.
struct Simulation {
  var cluster: Cluster
  var now = Timestamp(millisecondsSinceEpoch: 1_700_000_000_000)
  var notices: [ClusterNotice] = []
  var launches: [TaskLaunch] = []
  var stores: [StateChange] = []
  /// How a started task goes on; by default it runs until it is killed.
  var ending: @Sendable (TaskLaunch) -> TaskEnd? = { _ in nil }
  var probe: @Sendable (HealthProbe) -> ProbeResult = { _ in .alive }
  private var pending: [ClusterEffect] = []
  private var timers: [(at: Timestamp, timer: ClusterTimer)] = []
  private let api = ClusterAPI(master: "127.0.0.1:5050")
  static let authority = "127.0.0.1:18081"

  init(agents: Int = 3, cpus: Double = 4, mem: Double = 4096) {
    let counter = Locked(0)
    let identifier: @Sendable () -> String = {
      let number = counter.withLock { value in
        value += 1
        return value
      }
      let digits = String(number)
      return "00000000-0000-4000-8000-" + String(repeating: "0", count: 12 - digits.count) + digits
    }
    cluster = Cluster(
      agents: Agent.simulated(count: agents, clusterId: "c", cpus: cpus, mem: mem, ports: 31000...32000),
      frameworkId: "c-0000", makeUUID: identifier, pick: { _ in 0 }, isPortFree: { _ in true })
  }

  mutating func ask(
    _ method: String, _ path: String, query: [(name: String, value: String)] = [], body: String = "",
    accept: String? = nil, contentType: String? = nil
  ) -> APIAnswer {
    send(
      APIRequest(
        method: method, path: path, query: query, accept: accept, contentType: contentType, body: Array(body.utf8),
        authority: Self.authority))
  }

  mutating func send(_ request: APIRequest) -> APIAnswer {
    let (answer, effects) = api.answer(request, &cluster, at: now)
    take(effects)
    return answer
  }

  mutating func replay(_ exchange: Recording.Exchange) -> APIAnswer {
    send(
      APIRequest(
        method: exchange.method, path: exchange.path, query: exchange.query, accept: exchange.field("Accept"),
        contentType: exchange.field("Content-Type"), body: exchange.body, authority: Self.authority))
  }

  mutating func tell(_ event: ClusterEvent) { take(cluster.handle(event, at: now)) }

  mutating func take(_ effects: [ClusterEffect]) {
    for effect in effects {
      switch effect {
      case .publish(let notice): notices.append(notice)
      case .store(let change): stores.append(change)
      case .schedule(let timer, let at): timers.append((at, timer))
      case .launch(let launch):
        launches.append(launch)
        pending.append(effect)
      case .kill, .probe: pending.append(effect)
      }
    }
  }

  /// Plays what has been asked for until nothing is left but timers.
  mutating func settle() {
    while !pending.isEmpty {
      let effect = pending.removeFirst()
      now = now + .milliseconds(1)
      switch effect {
      case .launch(let launch):
        tell(.taskStarting(taskId: launch.taskId))
        tell(.taskRunning(taskId: launch.taskId))
        if let end = ending(launch) { tell(.taskEnded(taskId: launch.taskId, end)) }
      case .kill(let id, _): tell(.taskEnded(taskId: id, TaskEnd(.signalled("Terminated"))))
      case .probe(let due): tell(.probed(taskId: due.taskId, index: due.index, probe(due)))
      default: break
      }
    }
  }

  /// Lets time go by, with every timer that falls due.
  mutating func advance(_ duration: Duration) {
    let end = now + duration
    settle()
    while let index = timers.indices.min(by: { timers[$0].at < timers[$1].at }), timers[index].at <= end {
      let due = timers.remove(at: index)
      now = max(now, due.at)
      tell(.timer(due.timer))
      settle()
    }
    now = max(now, end)
  }

  func eventTypes() -> [String] { notices.map(\.type) }
}

extension APIAnswer {
  var json: JSON? {
    if case .json(let json) = content { json } else { nil }
  }
}
