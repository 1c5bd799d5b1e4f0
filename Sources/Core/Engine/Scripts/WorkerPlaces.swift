import Concurrency

/// The workers that the scripts of all runs may keep at once. Where one is wanted and none is free, the script that has waited longest for the host
/// gives its own up, and is run again when it has an answer.
final class WorkerPlaces: Sendable {
  private struct State {
    var free: Int
    /// Who wants a worker, in the order in which they came.
    var line: [(id: Int, turn: AsyncSignal)] = []
    /// Whose script waits, the longest first.
    var waiting: [(id: Int, giveUp: @Sendable () -> Void)] = []
    /// Who was asked to give up, and has neither done so nor gone on.
    var asked: Set<Int> = []
    var held: Set<Int> = []
    var next = 0

    /// One for each that waits in the line.
    mutating func ask() -> [@Sendable () -> Void] {
      var requests: [@Sendable () -> Void] = []
      while line.count > asked.count, !waiting.isEmpty {
        let first = waiting.removeFirst()
        asked.insert(first.id)
        requests.append(first.giveUp)
      }
      return requests
    }
  }

  private let state: Locked<State>

  /// - Precondition: `count` is positive.
  init(_ count: Int) {
    precondition(count > 0, "without workers no script runs")
    state = Locked(State(free: count))
  }

  /// One worker's place.
  struct Place: Sendable {
    fileprivate let id: Int
    fileprivate let places: WorkerPlaces

    /// The script waits, and can be run again: `giveUp` is called when somebody else wants the place, and perhaps a moment after it has gone on.
    func wait(_ giveUp: @escaping @Sendable () -> Void) {
      places.change { state in
        state.waiting.append((id, giveUp))
        return state.ask()
      }
    }

    /// The script has an answer. Who wanted its place asks somebody else.
    func goOn() {
      places.change { state in
        state.waiting.removeAll { $0.id == id }
        state.asked.remove(id)
        return state.ask()
      }
    }

    /// The worker is gone. Repeating it does nothing.
    func giveBack() {
      places.change { state in
        guard state.held.remove(id) != nil else { return [] }
        state.waiting.removeAll { $0.id == id }
        state.asked.remove(id)
        guard !state.line.isEmpty else {
          state.free += 1
          return []
        }
        let first = state.line.removeFirst()
        state.held.insert(first.id)
        return [{ first.turn.fire() }] + state.ask()
      }
    }
  }

  /// Waits for a place.
  /// - Throws: `CancellationError` when the task is cancelled meanwhile.
  func take() async throws -> Place {
    let turn = AsyncSignal()
    let id = enter(turn)
    let place = Place(id: id, places: self)
    do {
      try await turn.wait()
      return place
    } catch {
      change { state in
        state.line.removeAll { $0.id == id }
        return []
      }
      // It may have come just now.
      place.giveBack()
      throw error
    }
  }

  private func enter(_ turn: AsyncSignal) -> Int {
    let (id, requests) = state.withLock { state -> (Int, [@Sendable () -> Void]) in
      state.next += 1
      guard state.free == 0 else {
        state.free -= 1
        state.held.insert(state.next)
        return (state.next, [{ turn.fire() }])
      }
      state.line.append((state.next, turn))
      return (state.next, state.ask())
    }
    for request in requests { request() }
    return id
  }

  private func change(_ body: (inout State) -> [@Sendable () -> Void]) {
    for request in state.withLock(body) { request() }
  }
}
