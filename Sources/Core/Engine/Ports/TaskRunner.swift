package import StackModel

/// What an application type knows of the framework scheduler that it starts: the variables it offers, and how a task of
/// the stack is carried out by it. The registry is filled by whoever builds the engine; a stack with tasks of a type
/// without a runner is refused.
package protocol TaskRunner: Sendable {
  /// Variables beyond `<id>.host`, `<id>.port0`… and `<id>.api`, from the running tasks.
  func fill(application: String, tasks: [LiveTask]) async throws(TaskRunnerError) -> OrderedMap<String>

  /// Carries one task out and returns the variables that it adds.
  func run(_ task: TaskJob) async throws(TaskRunnerError) -> OrderedMap<String>
}

package struct TaskJob: Sendable, Hashable {
  package var application: String
  package var name: String
  /// In the order of the file, as text, variables replaced.
  package var parameters: OrderedMap<String>
  /// All variables that the application sees.
  package var variables: OrderedMap<String>

  package init(
    application: String, name: String, parameters: OrderedMap<String>, variables: OrderedMap<String>
  ) {
    self.application = application
    self.name = name
    self.parameters = parameters
    self.variables = variables
  }
}

package struct TaskRunnerError: Error, Sendable, Hashable, CustomStringConvertible {
  package var message: String
  /// The end of a log that shows what went wrong.
  package var logTail: String?

  package init(_ message: String, logTail: String? = nil) {
    self.message = message
    self.logTail = logTail
  }

  package var description: String { message }
}
