import Concurrency
import ScriptHost
import Store
import Telemetry

extension RunDriver {
  /// While the store cannot be read for a reason that may pass, the script waits: nor could its journal be written.
  func useDocuments(_ order: RunStateMachine.CallOrder) async -> RunStateMachine.CallEnd? {
    let call: DocumentCall
    do {
      call = try DocumentCall(order.call.function, order.call.arguments)
    } catch {
      return .answered(.failure(error))
    }
    let documents = ScriptedDocuments(store: environment.store, epoch: environment.epoch, stack: run.lane.stack)
    var wait = Duration.milliseconds(200)
    while true {
      do throws(StoreError) {
        return try await documents.perform(call, since: order.since, at: environment.time.now())
      } catch {
        switch error.code {
        case .unavailable:
          Self.logger.error("documents cannot be read; the script waits", ["run": "\(run.id)", "error": "\(error)"])
        // Another server goes on with the run.
        case .closed, .staleEpoch: return nil
        default: return .answered(.failure(HostCallFailure(.internal, error.message, cause: error.cause)))
        }
      }
      guard (try? await environment.time.sleep(for: wait)) != nil else { return nil }
      wait = min(wait * 2, .seconds(30))
    }
  }
}
