import JSON
import StackModel

extension HostFunctions {
  private static let app = HostField("app", .handle(.app), doc: "The application.")

  @Sendable private static func onApplication(_ arguments: JSONObject) -> ScriptOperation.Resource {
    .text(clusterID(of: arguments.string("app") ?? ""))
  }

  @Sendable private static func named(_ arguments: JSONObject) throws(HostCallFailure) {
    try check(id: arguments.string("app") ?? "")
  }

  private static func ofSpec(_ arguments: JSONObject) -> String { arguments["spec"]?["id"]?.stringValue ?? "" }

  /// Marathon takes `/a/../b` for `/b`; here an id is what it looks like.
  private static func check(id: String) throws(HostCallFailure) {
    guard !id.split(separator: "/").contains(where: { $0 == "." || $0 == ".." }) else {
      throw HostCallFailure(.invalidArgument, "an id has no '.' or '..' between slashes")
    }
  }

  /// As Marathon normalises ids: absolute, without empty parts. Grants see what will be worked on, however a script writes it.
  static let marathon: [HostFunction] = [
    HostFunction(
      "marathon.deploy",
      [
        HostField(
          "spec", .map(.json),
          doc:
            "The application as Marathon defines it: `id`, `cmd`, `cpus`, `mem`, `instances`, `healthChecks` and so on."
        )
      ],
      returns: .handle(.app), phases: [.hook, .run], errors: [.conflict, .timeout, .unavailable, .failed],
      recording: .effect(inDoubt: .settle),
      doc: """
        Brings an application onto the cluster and returns when Marathon has taken it; it may not run yet. One that is there \
        as it is wanted is left alone, one that differs is updated. The stack owns it from then on: `down` removes it.
        """
    )
    .granted { .text(clusterID(of: ofSpec($0))) }
    .checked { (arguments) throws(HostCallFailure) in try check(id: ofSpec(arguments)) }
    // Its environment may hold what is nobody's business.
    .shown { clusterID(of: ofSpec($0)) },
    HostFunction(
      "marathon.scale", [app, HostField("instances", .integer, doc: "How many are to run.")],
      returns: .handle(.app), phases: [.hook, .run],
      errors: [.conflict, .timeout, .unavailable, .failed], recording: .effect(inDoubt: .settle),
      doc: "Changes how many instances of an application run that the stack owns."
    )
    .granted(onApplication)
    .checked(named),
    HostFunction(
      "marathon.restart", [app], returns: .handle(.app), phases: [.hook, .run],
      errors: [.conflict, .timeout, .unavailable, .failed], recording: .effect(inDoubt: .settle),
      doc: """
        Replaces all tasks of an application that the stack owns, under its upgrade strategy, and returns when Marathon has \
        begun; `wait_healthy` waits until all have been replaced.
        """
    )
    .granted(onApplication)
    .checked(named),
    HostFunction(
      "marathon.destroy", [app], returns: .boolean, phases: [.hook, .run],
      errors: [.conflict, .timeout, .unavailable, .failed], recording: .effect(inDoubt: .settle),
      doc: """
        Removes an application that the stack owns, and returns when its tasks have ended. False if there was none.
        """
    )
    .granted(onApplication)
    .checked(named),
    HostFunction(
      "marathon.get", [app], returns: .nullable(.handle(.app)), phases: [.hook, .run], errors: [.unavailable],
      recording: .answer, doc: "An application on the cluster, whoever has deployed it; nil if there is none."
    )
    .granted(onApplication)
    .checked(named),
    HostFunction(
      "marathon.list",
      [
        HostField(
          "filter",
          .record(
            HostRecord([
              HostField("prefix", .string, .optional, doc: "What the id begins with, such as `/prod/`."),
              HostField("label", .string, .optional, doc: "A selector such as `stack==web` or `tier in (a,b)`."),
            ])), .optional, doc: "Which ones.")
      ],
      returns: .list(.handle(.app)), phases: [.hook, .run], errors: [.unavailable], recording: .answer,
      doc: "Applications on the cluster, in the order of their ids. Their endpoints are not looked for."
    )
    .granted { _ in .none },
    HostFunction(
      "marathon.tasks", [app],
      returns: .list(
        .record(
          HostRecord(
            name: "TaskStatus",
            [
              HostField("id", .string, doc: "Marathon's id of the task."),
              HostField("host", .string, doc: "Where it runs."),
              HostField("ports", .list(.integer), doc: "In the order of the application's."),
              HostField("state", .string, doc: "As Mesos names it: `TASK_RUNNING`."),
              HostField("healthy", .boolean, .optional, doc: "What its health checks say; nil if none has yet."),
            ]))), phases: [.hook, .run], errors: [.notFound, .unavailable], recording: .answer,
      doc: "The tasks of an application on the cluster."
    )
    .granted(onApplication)
    .checked(named),
    HostFunction(
      "marathon.info",
      returns: .record(
        HostRecord([
          HostField("id", .string, doc: "What tells this cluster from others."),
          HostField("version", .string, doc: "Marathon's version."),
          HostField("master", .string, .optional, doc: "The Mesos master's address."),
        ])), phases: [.hook, .run], errors: [.unavailable], recording: .answer, doc: "What the cluster says of itself."
    )
    .granted { _ in .none },
    HostFunction(
      "wait_healthy",
      [
        app,
        HostField(
          "options",
          .record(
            HostRecord([
              HostField(
                "timeout", .duration, .optional, doc: "How long at most; as long as the run's steps if left out."),
              HostField(
                "instances", .integer, .optional,
                doc: "So many healthy instances are enough; all if left out, with no deployment of it under way."),
            ])), .optional, doc: "How long, and how many."),
      ],
      returns: .handle(.app), phases: [.hook, .run], errors: [.timeout, .unavailable],
      recording: .effect(inDoubt: .settle),
      doc: """
        Waits until an application is healthy; one without health checks is when its tasks run. The error `timeout` says \
        what it was waiting for, `details.log` has the end of its task's standard error.
        """),
  ]
}
