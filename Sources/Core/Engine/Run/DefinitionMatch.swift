import JSON

/// Whether an application on the cluster still is what was sent: the cluster fills in defaults, drops what is empty and
/// answers old fields in a new form, so only what was sent is compared, and only where it comes back comparably.
enum DefinitionMatch {
  /// `ports` and `uris` come back as `portDefinitions` and `fetch`; the rest of `container` moves to `networks`.
  private static let reformed: Set<String> = ["ports", "uris", "container", "id"]

  /// Objects that hold exactly what was sent, without defaults.
  private static let exact: Set<String> = ["env", "labels"]

  static func matches(_ sent: JSON, live: LiveApplication) -> Bool {
    guard let fields = sent.objectValue else { return false }
    for (name, value) in fields where !reformed.contains(name) {
      let found = live.definition[name]
      if value.isBlank {
        guard found?.isBlank ?? true else { return false }
      } else if exact.contains(name) {
        guard let found, found.isEquivalent(to: value) else { return false }
      } else {
        guard let found, contains(found, value) else { return false }
      }
    }
    if let image = sent["container"]?["docker"]?["image"] {
      guard live.definition["container"]?["docker"]?["image"] == image else { return false }
    }
    return samePorts(sent, live)
  }

  /// Whether the labels say that the application is the stack's: enough to know that a create or an update took place
  /// where the version has changed since.
  static func isOurs(_ sent: JSON, live: LiveApplication) -> Bool {
    guard let stack = sent["labels"]?["stack"]?.stringValue else { return false }
    return isLabelled(live, stack: stack, zone: sent["labels"]?["zone"]?.stringValue ?? "")
  }

  static func isLabelled(_ live: LiveApplication, stack: String, zone: String) -> Bool {
    let found = live.definition["labels"]
    return found?["stack"]?.stringValue == stack && found?["zone"]?.stringValue ?? "" == zone
  }

  private static func samePorts(_ sent: JSON, _ live: LiveApplication) -> Bool {
    guard let wanted = sent["ports"]?.arrayValue, !wanted.isEmpty else { return true }
    let definitions = live.definition["portDefinitions"]?.arrayValue?.map { $0["port"] ?? 0 }
    guard let found = definitions ?? live.definition["ports"]?.arrayValue else { return true }
    guard found.count == wanted.count else { return false }
    // A wanted 0 is filled in by the cluster.
    return zip(wanted, found).allSatisfy { $0.intValue == 0 || $0.intValue == $1.intValue }
  }

  /// Whether everything of `wanted` is in `found`, which may have more.
  private static func contains(_ found: JSON, _ wanted: JSON) -> Bool {
    switch (found, wanted) {
    case (.object(let found), .object(let wanted)):
      return wanted.allSatisfy { name, value in
        if value.isBlank { return found[name]?.isBlank ?? true }
        return found[name].map { contains($0, value) } ?? false
      }
    case (.array(let found), .array(let wanted)):
      return found.count == wanted.count && zip(found, wanted).allSatisfy { contains($0, $1) }
    default:
      return found.isEquivalent(to: wanted)
    }
  }
}

extension JSON {
  /// Absent, as far as the cluster is concerned.
  fileprivate var isBlank: Bool {
    switch self {
    case .null: true
    case .string(let text): text.isEmpty
    case .array(let elements): elements.isEmpty
    case .object(let members): members.isEmpty
    case .bool, .integer, .number, .bigNumber: false
    }
  }
}
