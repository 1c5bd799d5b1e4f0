import Concurrency
import ScriptHost
import Store
import Telemetry

extension RunDriver {
  /// What a put comes to that needs nothing from the store but to be written: it costs no task. nil for any other call.
  func putAtOnce(_ call: ScriptCall) -> RunStateMachine.CallEnd? {
    guard call.isPut, let put = try? DocumentCall(call.function, call.arguments) else { return nil }
    return documents.putAtOnce(put, since: environment.time.now())
  }

  private var documents: ScriptedDocuments {
    ScriptedDocuments(
      store: environment.store, ledger: environment.documents, epoch: environment.epoch, stack: run.lane.stack)
  }

  /// While the store cannot be read for a reason that may pass, the script waits: nor could its journal be written.
  func useDocuments(_ order: RunStateMachine.CallOrder) async -> RunStateMachine.CallEnd? {
    let call: DocumentCall
    do {
      call = try DocumentCall(order.call.function, order.call.arguments)
    } catch {
      return .answered(.failure(error))
    }
    let documents = documents
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
