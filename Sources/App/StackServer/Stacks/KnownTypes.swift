/// The types of applications that `add` takes without a warning. Any other type runs on Marathon as well; it may be a
/// misspelt one of these.
enum KnownTypes {
  /// Names that say only "a long-running application".
  static let plain: Set<String> = ["service", "marathon", "docker"]

  /// Those that the original has a task runner for.
  static let withTaskRunner: Set<String> = [
    "kafka-mesos-0.9.x", "exhibitor-mesos-0.1.x", "dse-mesos-0.1.x", "dse-mesos-0.2.x", "statsd-mesos-0.1.x",
    "syslog-mesos-0.1.x", "zipkin-mesos-0.1.x", "go-kafka-client-mesos-0.3.x", "elasticsearch",
  ]

  static let all = plain.union(withTaskRunner).union(["run-once"])
}
