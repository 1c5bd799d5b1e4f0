import Concurrency
import Engine
import HTTPTypes
import JSON
import StackAPI
import Store

/// Events in the bytes in which they are sent: a thousand followers get the same.
final class EventMessages: Sendable {
  private struct Place: Hashable {
    var run: RunID
    var sequence: Int64
  }

  private struct State {
    var messages: [Place: [UInt8]] = [:]
    /// In the order in which they came.
    var places: [Place] = []
    var next = 0
  }

  /// As many as followers lie apart; more of them are made anew.
  private static let limit = 512
  private let state = Locked(State())

  /// Not inlined, as it is called by what then waits for long, which would keep room for an event.
  @inline(never)
  func message(_ events: [RunEvent], at index: Int) throws -> [UInt8] {
    let event = events[index]
    // A passing note has no place.
    guard let sequence = event.sequence else { return try Self.make(event) }
    let place = Place(run: event.run, sequence: sequence)
    if let message = state.withLock({ $0.messages[place] }) { return message }
    let message = try Self.make(event)
    state.withLock { state in
      guard state.messages.updateValue(message, forKey: place) == nil else { return }
      guard state.places.count == Self.limit else {
        state.places.append(place)
        return
      }
      state.messages[state.places[state.next]] = nil
      state.places[state.next] = place
      state.next = (state.next + 1) % Self.limit
    }
    return message
  }

  private static func make(_ event: RunEvent) throws -> [UInt8] {
    let event = APIEvent(event)
    return ServerSentEvent(
      id: event.sequence.map(String.init), event: event.kind, data: try JSON(encoding: event).text
    ).bytes
  }
}
