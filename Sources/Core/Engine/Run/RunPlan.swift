import StackModel
import Store

/// Everything a run was started with, as its snapshot holds it. Nothing of it changes while the run lives.
struct RunPlan: Sendable, Hashable {
  var kind: RunRecord.Kind
  var revision: Int
  /// Merged with its parents and layers; carries the stack's name.
  var stack: Stack
  var zone: String
  var user: String
  var role = UserRole.admin
  /// Ids that `--skip` leaves out.
  var skipped: Set<String>
  var arbitraryVariables: OrderedMap<String>
  var globalVariables: OrderedMap<String>
  var maxWait: Duration
  var lockWait: Duration
  var existing: RunRequest.Existing
  var healthy: RunRequest.Healthy
  var prune: Bool
  /// The files of each stack whose scripts may run, by path: its own scripts, and what these may require.
  var files: [String: [String: ContentHash]] = [:]
}

extension RunPlan {
  var pins: [ContentPin] {
    files.flatMap { stack, files in files.values.map { ContentPin(stack: stack, content: $0) } }
  }
}
