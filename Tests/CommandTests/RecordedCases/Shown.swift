@testable import StackModel

/// A stack as `show` prints it, beside the original's.
enum Shown {
  /// The fields that the original never merges.
  private static let neverMerged: [ApplicationField] = [
    .type, .instances, .constraints, .args, .env, .docker, .startTime, .timeSchedule,
  ]

  static func rule(_ ours: String, _ original: String) -> CaseRule? {
    guard let our = stack(ours), let their = stack(original) else { return nil }
    // Our printing of the original's text: without its internals.
    if ending(ours) == StackYAML.text(their) { return .noInternals }
    var level = their
    level.layer = our.layer
    if ending(ours) == StackYAML.text(level), their.layer == 0 { return .layerShown }
    if StackYAML.text(cut(our)) == StackYAML.text(cut(their)) { return .precision }
    var merged = our
    for key in merged.applications.keys {
      guard let application = their.applications[key] else { return nil }
      for field in neverMerged { merged.applications[key]?.copy(field, from: application) }
    }
    return StackYAML.text(merged) == StackYAML.text(their) ? .mergeAllFields : nil
  }

  private static func stack(_ text: String) -> Stack? {
    let decoding = StackDecoding(text)
    return decoding.originalError == nil ? decoding.stack : nil
  }

  /// Without the line break that the command line puts behind.
  static func ending(_ text: String) -> String { text.hasSuffix("\n\n") ? String(text.dropLast()) : text }

  private static func cut(_ stack: Stack) -> Stack {
    var stack = stack
    for key in stack.applications.keys {
      if let cpu = stack.applications[key]?.cpu { stack.applications[key]?.cpu = Double(Float(cpu)) }
      if let mem = stack.applications[key]?.mem { stack.applications[key]?.mem = Double(Float(mem)) }
    }
    return stack
  }
}
