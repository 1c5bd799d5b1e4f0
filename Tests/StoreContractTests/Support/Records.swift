import Concurrency
import JSON
import StackModel
import Store

/// Records to store, as different from their defaults as they can be.
enum Sample {
  static let time = Timestamp(millisecondsSinceEpoch: 1_795_578_774_123)

  static func stack(_ name: String, revision: Int = 1, from: String = "", level: LayerLevel? = nil) -> StackRecord {
    var application = Application()
    application.id = "web"
    application.cpu = 0.1
    application.env = ["Z": "1", "A": "2"]
    let parameters: [TaskValue.Entry] = [
      .init(key: .string("n"), value: .number(1)), .init(key: .string("u"), value: .unsigned(.max)),
      .init(key: .boolean(true), value: .integer(1)),
    ]
    application.tasks = [ApplicationTask(key: .string("t"), value: .map(parameters))]
    application.unset = [.docker]
    return StackRecord(
      name: name, revision: revision, source: "name: \(name)\r\n# Größe 🚀 \0 \(revision)\n", file: "dir/\(name).yaml",
      stack: Stack(name: name, from: from, applications: ["web": application]), level: level,
      addedAt: time + .milliseconds(revision), addedBy: "anna")
  }

  /// The same with files. Pairs, as a dictionary would take paths that differ in bytes only for one.
  static func stack(
    _ name: String, revision: Int = 1, _ files: KeyValuePairs<String, FileContent>
  ) -> (record: StackRecord, contents: [FileContent]) {
    let plain = stack(name, revision: revision)
    let record = StackRecord(
      name: name, revision: revision, source: plain.source, file: plain.file, stack: plain.stack,
      addedAt: plain.addedAt, addedBy: plain.addedBy, files: files.map { StackFile(path: $0.key, $0.value) })
    return (record, files.map(\.value))
  }

  static func content(_ text: String, size: Int = 0) -> FileContent {
    FileContent(Array(text.utf8) + [UInt8](repeating: 0x2D, count: size))
  }

  static func user(_ name: String, role: UserRole = .regular, byte: UInt8 = 1) -> UserRecord {
    UserRecord(name: name, role: role, key: .sha256([UInt8](repeating: byte, count: 32)), createdAt: time)
  }

  static func run(
    stack: String = "s", zone: String = "", state: RunRecord.State = .queued, kind: RunRecord.Kind = .deploy
  ) -> RunRecord {
    RunRecord(
      id: RunID(0), kind: kind, stack: stack, zone: zone, state: state,
      snapshot: ["version": 1, "big": .bigNumber("18446744073709551616"), "z": 1.0, "a": [nil, true, "é\0"]],
      createdAt: time, createdBy: "anna")
  }

  static func line(_ sequence: Int64, _ body: JSON = ["n": 1.5]) -> JournalRecord {
    JournalRecord(
      sequence: sequence, at: time + .milliseconds(sequence), path: "web/launch", kind: "intent", body: body)
  }

  static func ownership(
    _ application: String, stack: String = "s", zone: String = "z", version: Int = 1
  ) -> OwnershipRecord {
    OwnershipRecord(
      application: application, stack: stack, zone: zone, revision: 3, run: RunID(7),
      versionBefore: "2026-11-25T03:52:54.123Z", definition: ["id": .string(application), "mem": 1.0],
      dependencies: ["/db", "/cache"], at: time, version: version)
  }
}
