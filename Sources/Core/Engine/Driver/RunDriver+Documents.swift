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

  func useDocuments(_ order: RunStateMachine.CallOrder) async -> RunStateMachine.CallEnd? {
    let call: DocumentCall
    do {
      call = try DocumentCall(order.call.function, order.call.arguments)
    } catch {
      return .answered(.failure(error))
    }
    do {
      let documents = documents
      return try await patiently("documents") { () async throws(StoreError) in
        try await documents.perform(call, since: order.since, at: environment.time.now())
      }
    } catch let error as StoreError {
      // Another server goes on with the run.
      if error.code == .closed || error.code == .staleEpoch { return nil }
      return .answered(.failure(HostCallFailure(.internal, error.message, cause: error.cause)))
    } catch {
      return nil
    }
  }

  /// While the store cannot be read for a reason that may pass, the script waits: nor could its journal be written.
  /// - Throws: `StoreError` for any other reason, `CancellationError` where the server stops.
  func patiently<Answer>(
    _ what: String, _ body: () async throws(StoreError) -> Answer
  ) async throws -> Answer {
    var wait = Duration.milliseconds(200)
    while true {
      do throws(StoreError) {
        return try await body()
      } catch {
        guard error.code == .unavailable else { throw error }
        Self.logger.error("\(what) cannot be read; the script waits", ["run": "\(run.id)", "error": "\(error)"])
      }
      try await environment.time.sleep(for: wait)
      wait = min(wait * 2, .seconds(30))
    }
  }
}
