import Engine
import EngineFakes

/// What a person decides about a run that is blocked, after a look at the world.
struct SagaDecision: Sendable, CustomStringConvertible {
  /// `k/tasks/brokers/run`
  let step: String
  /// `POST http://agent-1:31000/switch`, where nobody could tell whether a script had sent it.
  let request: String?
  /// How often that had come.
  let seen: Int
  let choice: ResumeDecision

  init(_ application: ApplicationStatus?, _ world: SagaWorld, leavesScripts: Bool) {
    let step = "\(application?.id ?? "")/\(application?.step ?? "")"
    let request = (application?.failure?.reason).flatMap(Self.request)
    self.step = step
    self.request = request
    seen = world.web.requests.filter { $0 == request }.count
    if request != nil {
      choice = leavesScripts ? .skipStep : .retryStep
    } else if step.hasSuffix("/run") {
      // The task ran, or it did not.
      let task = step.replacing("/run", with: "").replacing("/tasks/", with: "/")
      choice = world.runner.done.contains(task) ? .skipStep : .retryStep
    } else {
      // The hook ran.
      choice = .skipStep
    }
  }

  /// From `nobody can tell whether call 7, http.post POST http://agent-1:31000/switch was carried out: …`.
  private static func request(in reason: String) -> String? {
    guard let start = reason.firstRange(of: ", http.post "), let end = reason.firstRange(of: " was carried out"),
      start.upperBound < end.lowerBound
    else { return nil }
    return String(reason[start.upperBound..<end.lowerBound])
  }

  /// How often the request has come in the end, if this was the last decision about it and the script went on.
  var timesInTheEnd: Int { choice == .retryStep ? seen + 1 : seen }

  var description: String { "\(choice.rawValue) at \(step)" + (request.map { ", \($0) has come \(seen) times" } ?? "") }
}
