import JSON

/// The calls whose answers a script has before they stand in the journal. Nobody can tell: whatever else it calls stands behind them there, and nothing of
/// that happens, or is answered, before all of them are durable.
struct ScriptLead: Sendable {
  /// So many at most, and of so many bytes of arguments: with more, the script waits for its journal.
  private static let mostCalls = 64
  private static let mostBytes = 64 << 10

  private(set) var calls: Set<Int> = []
  private var bytes = 0

  /// - Returns: whether the script may go on before the call is answered by its run.
  mutating func take(_ call: ScriptCall) -> Bool {
    let size = JSON.object(call.arguments).approximateSize
    guard calls.count < Self.mostCalls, bytes + size <= Self.mostBytes else { return false }
    calls.insert(call.number)
    bytes += size
    return true
  }

  /// - Returns: whether it was one of these.
  mutating func end(_ call: Int) -> Bool {
    guard calls.remove(call) != nil else { return false }
    if calls.isEmpty { bytes = 0 }
    return true
  }
}
