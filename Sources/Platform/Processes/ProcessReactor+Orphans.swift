import CPosix
import Concurrency
import Glibc

extension ProcessReactor {
  /// Makes this process the one to which orphans among its descendants fall, and from now on ends them: a process below this one that
  /// is neither a running child of the reactor nor below one has lost its supervisor. This happens after each end of a child.
  package func becomeSubreaper() throws(ProcessError) {
    guard cposix_become_subreaper() == 0 else { throw .system("become a subreaper") }
    state.withLock { $0.isSubreaper = true }
    sweepOrphans()
  }

  /// Kills all descendants of this process, children of the reactor included, except the given processes and what is below them, and
  /// returns when none is left.
  package func endAllDescendants(except kept: Set<Int32> = []) async {
    await onThread { [self] in
      while endDescendantsOnce(keeping: { _ in kept }) { pause() }
    }
  }

  /// Kills the orphans that fell to this process (see `becomeSubreaper`), and returns when none is left.
  package func endOrphans() async {
    await onThread { [self] in endOrphansNow() }
  }

  func endOrphansIfSubreaper() async {
    if state.withLock({ $0.isSubreaper }) { await endOrphans() }
  }

  /// Starts a thread that ends orphans, or lets the running one go on. Ends of many children share one look at /proc.
  func sweepOrphans() {
    let startsNow = state.withLock { state in
      guard state.isSubreaper else { return false }
      state.sweepAgain = state.isSweeping
      defer { state.isSweeping = true }
      return !state.isSweeping
    }
    guard startsNow else { return }
    startThread(named: "orphans") { [self] in
      repeat { endOrphansNow() } while goesOn()
    }
  }

  private func goesOn() -> Bool {
    let again = state.withLock { state in
      state.isSweeping = state.sweepAgain
      state.sweepAgain = false
      return state.isSweeping
    }
    if again { usleep(50_000) }  // a thread of its own
    return again
  }

  private func endOrphansNow() {
    while endDescendantsOnce(keeping: { Set($0.children.keys) }) { pause() }
  }

  /// Returns whether it found any, so that there may be more.
  private func endDescendantsOnce(keeping kept: (State) -> Set<Int32>) -> Bool {
    // Children that start from here on are not in the table, or are in `kept`, because starting one takes the same lock.
    state.withLock { state in
      let keptNow = kept(state)
      let victims = ProcessTable().descendants(of: getpid(), except: keptNow)
      for victim in victims {
        if !victim.isZombie {
          victim.signal(SIGKILL)
        } else if state.children[victim.pid] == nil, victim.parent == getpid() {
          waitpid(victim.pid, nil, WNOHANG)
        }
      }
      return victims.contains { !$0.isZombie || ($0.parent == getpid() && state.children[$0.pid] == nil) }
    }
  }

  private func pause() { usleep(2_000) }

  private func onThread(_ body: @escaping @Sendable () -> Void) async {
    await withCheckedContinuation { continuation in
      startThread(named: "descendants") {
        body()
        continuation.resume()
      }
    }
  }
}
