package import Concurrency

/// An application on the cluster that a script of the run works on, by the script's latest call.
package struct APICalledApplication: Sendable, Hashable, Codable {
  /// As the cluster has it: `/web`.
  package var id: String
  /// The name of the script's step: `after_scheduler`, or `run` for a stack's function.
  package var script: String
  /// The function of the host that was called last: `marathon.deploy`, `wait_healthy`.
  package var call: String
  /// Of that call: `pending`, `running`, `blocked`, `done`, `failed` or `stopped`.
  package var state: String
  /// What was done to the application, by the latest of the calls that have come so far: values as of `APIApplicationStatus`.
  package var change: String?
  package var waiting: APIWaiting?
  package var failure: APIFailure?
  /// When that call began to work.
  package var startedAt: Timestamp?
  package var endedAt: Timestamp?
  /// As last seen, if that call is `wait_healthy`.
  package var instances: APIApplicationStatus.Instances?
  /// `http://host:port` of its first task, if that call is `wait_healthy`.
  package var endpoint: String?
  /// One sentence about what was done, what it waits for, or how it ended.
  package var sentence: String

  package init(
    id: String, script: String, call: String, state: String, change: String?, waiting: APIWaiting?,
    failure: APIFailure?, startedAt: Timestamp?, endedAt: Timestamp?, instances: APIApplicationStatus.Instances?,
    endpoint: String?, sentence: String
  ) {
    self.id = id
    self.script = script
    self.call = call
    self.state = state
    self.change = change
    self.waiting = waiting
    self.failure = failure
    self.startedAt = startedAt
    self.endedAt = endedAt
    self.instances = instances
    self.endpoint = endpoint
    self.sentence = sentence
  }
}
