import Engine
import HTTPServer
import HTTPTypes
import StackAPI
import StackModel
import Store

extension OriginalAPI {
  /// Starts a run and answers when it is over. The run is stored before, so it goes on when the client goes away, and
  /// when the server does.
  @Sendable func run(_ call: Call) async throws -> HTTPResponse {
    try services.gate.check()
    let body = try await body(of: call)
    let request = RunRequest(
      stack: try stackName(body), zone: body.string("zone").lenient ?? "",
      variables: OrderedMap(body.texts("variables").lenient ?? []), skip: body.list("skip").lenient ?? [],
      maxWait: maxWait(body.integer("maxwait").lenient), lockWait: services.defaults.lockWait,
      user: call.caller?.name ?? "", role: call.caller?.role ?? .regular)
    let (id, isNew) = try await services.engine.submit(request, as: call.submission(body.json))
    if isNew { services.metrics.submitted(kind: request.kind.rawValue) }
    let status = try await services.runWatch.waitUntilSettled(id)
    do throws(Refusal) {
      var response = try Self.answer(status)
      if !isNew { response.fields["Idempotency-Replayed"] = "true" }
      return response
    } catch {
      var refusal = error
      refusal.isReplayed = !isNew
      throw refusal
    }
  }

  private static func answer(_ status: RunStatus) throws(Refusal) -> HTTPResponse {
    let id = status.id
    switch status.state {
    case .succeeded: return HTTPResponse()
    case .blocked:
      let reason = status.failure?.reason ?? "a step needs a decision"
      throw Refusal(
        409,
        APIError(
          .conflict,
          "run \(id) is blocked: \(reason); go on with: stack-deploy resume \(id) --retry-step | --skip-step"))
    case .cancelled: throw Refusal(409, APIError(.conflict, "run \(id) was cancelled"))
    case .failed, .queued, .running: throw refusal(status)
    }
  }

  /// The original checks n + 1 times with a second between them: the last check that counts is after n seconds, as ours.
  /// What is missing means the documented ten minutes.
  private func maxWait(_ seconds: Int64?) -> Duration {
    guard let seconds else { return services.defaults.maxWait }
    return .seconds(max(0, min(seconds, 1 << 40)))
  }

  /// A failed run in the original's words, where it had any, else in ours with the end of the log.
  private static func refusal(_ status: RunStatus) -> Refusal {
    let failure = status.failure
    let original = failure?.originalText
    var sentence = failure?.description ?? "run \(status.id) failed"
    if let log = failure?.logTail, !log.isEmpty { sentence += "\n\(log)" }
    // Where Marathon's answer was no JSON, the original said no more than this.
    let text = original?.hasSuffix("<nil>") == true ? nil : original
    return switch failure?.cause {
    case .cluster: Refusal(502, APIError(.unavailable, sentence), originalText: text)
    case .timeout: Refusal(504, APIError(.unavailable, sentence), originalText: text)
    case .conflict: Refusal(409, APIError(.conflict, sentence), originalText: text)
    case nil: Refusal(422, APIError(.invalid, sentence), originalText: text)
    }
  }
}
