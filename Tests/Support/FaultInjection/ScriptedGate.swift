package import Concurrency

/// Counts the points that a server reaches and lets something go wrong at some of them.
package final class ScriptedGate: FaultGate {
  package struct Happened: Sendable, Hashable, CustomStringConvertible {
    package var number: Int
    package var point: FaultPoint
    package var fault: Fault

    package var description: String { "\(fault.rawValue) at \(number), \(point)" }
  }

  private struct State {
    var passed: [FaultPoint] = []
    var happened: [Happened] = []
    var isGone = false
  }

  private let choose: @Sendable (Int, FaultPoint) -> Fault?
  private let state = Locked(State())
  private let onPoint: (@Sendable (Int) async -> Void)?
  /// Fired when the server is gone.
  package let gone = AsyncSignal()

  /// - Parameters:
  ///   - onPoint: told of every point that a living server reaches, before it goes on.
  ///   - choose: what goes wrong at the point of this number, counted from 1.
  package init(
    onPoint: (@Sendable (Int) async -> Void)? = nil,
    choose: @escaping @Sendable (Int, FaultPoint) -> Fault? = { _, _ in nil }
  ) {
    self.choose = choose
    self.onPoint = onPoint
  }

  package var isGone: Bool { state.withLock { $0.isGone } }
  package var points: [FaultPoint] { state.withLock { $0.passed } }
  package var happened: [Happened] { state.withLock { $0.happened } }

  package func pass(_ point: FaultPoint) async -> Fault? {
    let (fault, number) = state.withLock { state -> (Fault?, Int) in
      guard !state.isGone else { return (.gone, 0) }
      state.passed.append(point)
      let number = state.passed.count
      let fault = choose(number, point)
      if let fault { state.happened.append(Happened(number: number, point: point, fault: fault)) }
      if fault == .gone { state.isGone = true }
      return (fault, number)
    }
    if fault == .gone { gone.fire() }
    if number > 0 { await onPoint?(number) }
    return fault
  }

  /// Ends the server here and now.
  package func end() {
    state.withLock { $0.isGone = true }
    gone.fire()
  }
}
