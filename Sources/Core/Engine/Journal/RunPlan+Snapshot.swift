import Concurrency
import JSON
import StackModel
import Store

/// The snapshot kept with a run. Its format is counted together with that of the journal.
extension RunPlan {
  var snapshot: JSON {
    let files = files.sorted { $0.key < $1.key }.map { stack, files in
      let hashes = files.sorted { $0.key < $1.key }.map { ($0.key, JSON.string($0.value.description)) }
      return (stack, JSON.object(JSONObject(hashes)))
    }
    return [
      "format": .integer(Int64(JournalEntry.format)),
      "kind": .string(kind.rawValue),
      "revision": .integer(Int64(revision)),
      "stack": stack.json,
      "zone": .string(zone),
      "user": .string(user),
      "role": .string(role.rawValue),
      "skipped": .array(skipped.sorted().map { .string($0) }),
      "variables": .object(JSONObject(arbitraryVariables.map { ($0.key, .string($0.value)) })),
      "global_variables": .object(JSONObject(globalVariables.map { ($0.key, .string($0.value)) })),
      "max_wait_ms": .integer(maxWait.wholeMilliseconds),
      "lock_wait_ms": .integer(lockWait.wholeMilliseconds),
      "existing": .string(existing.rawValue),
      "healthy": .string(healthy.rawValue),
      "prune": .bool(prune),
      "files": .object(JSONObject(files)),
    ]
  }

  init(snapshot: JSON) throws(JournalFormatError) {
    let format = snapshot["format"]?.intValue ?? 0
    guard format <= JournalEntry.format else { throw .newer(format) }
    guard
      let kind = snapshot["kind"]?.stringValue.flatMap(RunRecord.Kind.init),
      let revision = snapshot["revision"]?.intValue,
      let zone = snapshot["zone"]?.stringValue,
      let user = snapshot["user"]?.stringValue,
      let skipped = snapshot["skipped"]?.arrayValue,
      let arbitrary = snapshot["variables"]?.objectValue,
      let global = snapshot["global_variables"]?.objectValue,
      let maxWait = snapshot["max_wait_ms"]?.intValue,
      let lockWait = snapshot["lock_wait_ms"]?.intValue,
      let existing = snapshot["existing"]?.stringValue.flatMap(RunRequest.Existing.init),
      let healthy = snapshot["healthy"]?.stringValue.flatMap(RunRequest.Healthy.init),
      let prune = snapshot["prune"]?.boolValue
    else { throw .malformed("its snapshot lacks something") }
    let stack: Stack
    do {
      stack = try Stack(json: snapshot["stack"] ?? .null)
    } catch {
      throw .malformed("the stack of its snapshot: \(error)")
    }
    var files: [String: [String: ContentHash]] = [:]
    for (name, hashes) in snapshot["files"]?.objectValue ?? [:] {
      for (path, hash) in hashes.objectValue ?? [:] {
        guard let content = ContentHash(hash.stringValue ?? "") else {
          throw .malformed("its snapshot has no hash of \(path)")
        }
        files[name, default: [:]][path] = content
      }
    }
    self.init(
      kind: kind, revision: revision, stack: stack, zone: zone, user: user,
      // Runs of a release that ran no scripts have none.
      role: snapshot["role"]?.stringValue.flatMap(UserRole.init) ?? .regular,
      skipped: Set(skipped.compactMap(\.stringValue)),
      arbitraryVariables: OrderedMap(arbitrary.map { ($0.key, $0.value.stringValue ?? "") }),
      globalVariables: OrderedMap(global.map { ($0.key, $0.value.stringValue ?? "") }),
      maxWait: .milliseconds(maxWait), lockWait: .milliseconds(lockWait), existing: existing, healthy: healthy,
      prune: prune, files: files)
  }
}
