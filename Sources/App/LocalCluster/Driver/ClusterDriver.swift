import Concurrency
import JSON
import Telemetry

/// Performs what the cluster decides.
///
/// The cluster's value stands behind a lock, and effects leave it into one queue under that lock, so that they are performed in the order in which
/// they were decided: events, launches and stored state never overtake one another. One loop takes them from the queue; what takes time runs in
/// children of its task group and comes back as an event.
final class ClusterDriver: Sendable {
  private enum Item: Sendable {
    case effect(ClusterEffect)
    /// Resumed when all before it has been handed over.
    case barrier(CheckedContinuation<Void, Never>)
    /// A launched task is over and everything about it has been told.
    case taskGone
    case stop
  }

  let hub = EventHub()
  private let cluster: Locked<Cluster>
  private let time: any TimeSource
  private let runner: TaskRunner
  private let prober: Prober
  private let store: StateStore
  private let launches = Locked([String: TaskLaunch]())
  private let queue: AsyncStream<Item>
  private let continuation: AsyncStream<Item>.Continuation
  private let logger = Logger("cluster")

  /// There is no driver without what an earlier process left: a cluster that stands for a moment without its applications tells whoever asks
  /// in that moment that they have been removed.
  init(
    _ cluster: Cluster, restoring stored: StateStore.Stored, time: any TimeSource, runner: TaskRunner, prober: Prober,
    store: StateStore
  ) {
    self.cluster = Locked(cluster)
    self.time = time
    self.runner = runner
    self.prober = prober
    self.store = store
    (queue, continuation) = AsyncStream.makeStream(of: Item.self)
    perform { cluster, now in
      ((), cluster.restore(current: stored.current, history: stored.history, at: now))
    }
  }

  /// Reads or changes the cluster; effects go their way.
  func perform<Result: Sendable>(
    _ body: (inout Cluster, Timestamp) -> (Result, [ClusterEffect])
  ) -> Result {
    cluster.withLock { cluster in
      let (result, effects) = body(&cluster, time.now())
      for effect in effects { continuation.yield(.effect(effect)) }
      return result
    }
  }

  func tell(_ event: ClusterEvent) {
    perform { cluster, now in ((), cluster.handle(event, at: now)) }
  }

  /// Publishes an event that no state stands behind.
  func publish(_ type: String, _ members: JSONObject) {
    perform { cluster, now in ((), cluster.announce(type, members, at: now)) }
  }

  /// Returns when what was decided so far is under way, and stored where it has to last.
  func settle() async {
    await withCheckedContinuation { waiting in
      if case .terminated = continuation.yield(.barrier(waiting)) { waiting.resume() }
    }
  }

  /// Performs effects until `stop`, then ends all tasks and returns when the last process is gone.
  func run(until stop: AsyncSignal) async {
    await withDiscardingTaskGroup { tasks in
      await withDiscardingTaskGroup { transient in
        transient.addTask { await self.keepStreamsAlive() }
        transient.addTask {
          do { try await stop.wait() } catch { return }
          self.logger.info("ending all tasks")
          self.continuation.yield(.stop)
        }
        var live = 0
        var isStopping = false
        for await item in queue {
          switch item {
          case .effect(.launch(let launch)):
            live += 1
            tasks.addTask { await self.run(launch) }
          case .effect(let effect): await perform(effect, in: &transient)
          case .taskGone: live -= 1
          case .barrier(let waiting): waiting.resume()
          case .stop:
            isStopping = true
            perform { cluster, now in ((), cluster.stop(at: now)) }
          }
          if isStopping, live == 0 { break }
        }
        // Timers and checks have nobody left to speak to.
        transient.cancelAll()
      }
    }
    hub.close()
    continuation.finish()
    for await item in queue {
      if case .barrier(let waiting) = item { waiting.resume() }
    }
  }

  private func perform(_ effect: ClusterEffect, in transient: inout DiscardingTaskGroup) async {
    switch effect {
    case .launch: break
    case .publish(let notice): hub.send(.notice(notice))
    case .kill(let taskId, _): runner.end(taskId)
    case .store(let change):
      do { try await store.apply(change) } catch {
        logger.error("cannot store a change of the applications", ["error": "\(error)"])
      }
    case .schedule(let timer, let deadline):
      transient.addTask {
        do { try await self.time.sleep(until: deadline) } catch { return }
        self.tell(.timer(timer))
      }
    case .probe(let probe):
      let launch = launches.withLock { $0[probe.taskId] }
      transient.addTask {
        let result = await self.prober.probe(probe, launch: launch)
        if !Task.isCancelled { self.tell(.probed(taskId: probe.taskId, index: probe.index, result)) }
      }
    }
  }

  private func run(_ launch: TaskLaunch) async {
    launches.withLock { $0[launch.taskId] = launch }
    logger.debug("task starts", ["task": launch.taskId, "agent": launch.agent.hostname])
    await runner.run(launch) { event in
      if case .taskEnded(let id, let end) = event { logger.info("task ended", ["task": id, "how": end.message]) }
      tell(event)
    }
    launches.withLock { $0[launch.taskId] = nil }
    continuation.yield(.taskGone)
  }

  private func keepStreamsAlive() async {
    while true {
      do { try await time.sleep(for: .seconds(10)) } catch { return }
      hub.send(.keepAlive)
    }
  }
}
