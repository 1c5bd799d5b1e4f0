import Concurrency

/// Answers that depend on what is counted and on nothing else, until it changes.
final class AnswerCache: Sendable {
  private struct State {
    var moment: UInt64?
    var answers: [String: [UInt8]] = [:]
    var size = 0
  }

  private let changes: ChangeCounter
  private let state = Locked(State())

  /// Bytes of all answers together; beyond it they are forgotten, and those that are still asked for come back.
  private static let limit = 16 << 20

  init(changes: ChangeCounter) {
    self.changes = changes
  }

  /// The answer as it is known.
  func known(_ name: String) -> [UInt8]? {
    guard let moment = changes.moment else { return nil }
    return state.withLock { $0.moment == moment ? $0.answers[name] : nil }
  }

  /// The answer, made if it is not known.
  func answer(_ name: String, make: () async throws -> [UInt8]) async throws -> [UInt8] {
    if let known = known(name) { return known }
    let moment = changes.moment
    let answer = try await make()
    if let moment, changes.moment == moment { keep(answer, name, moment) }
    return answer
  }

  private func keep(_ answer: [UInt8], _ name: String, _ moment: UInt64) {
    let size = answer.count + name.utf8.count + 64
    guard size <= Self.limit else { return }
    state.withLock { state in
      if state.moment != moment || state.size + size > Self.limit { state = State(moment: moment) }
      guard state.answers.updateValue(answer, forKey: name) == nil else { return }
      state.size += size
    }
  }
}
