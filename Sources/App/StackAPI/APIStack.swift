package import Concurrency
package import JSON

/// `POST /api/v1/stacks`.
package struct APIStackAddition: Sendable, Hashable, Codable {
  /// YAML, or Lua where the file is named so.
  package var source: String
  /// The file's name, for places in messages.
  package var file: String?
  /// The files that come with it, by path: base64 of their bytes. See `APIFileRules`.
  package var files: [String: String]?
  /// Store a new revision if the name is taken.
  package var replace: Bool?
  /// Refuse what else is only warned of.
  package var strict: Bool?
  /// `zone`, `cluster` or `datacenter`: stores it as a layer.
  package var level: String?
  /// The layer's parent.
  package var parent: String?

  package init(
    source: String, file: String? = nil, files: [String: String]? = nil, replace: Bool? = nil, strict: Bool? = nil,
    level: String? = nil, parent: String? = nil
  ) {
    self.source = source
    self.file = file
    self.files = files
    self.replace = replace
    self.strict = strict
    self.level = level
    self.parent = parent
  }
}

/// The answer to it: 201.
package struct APIStackAdded: Sendable, Hashable, Codable {
  package var name: String
  package var revision: Int
  package var warnings: [APIDiagnostic]

  package init(name: String, revision: Int, warnings: [APIDiagnostic]) {
    self.name = name
    self.revision = revision
    self.warnings = warnings
  }
}

/// A stored stack in a list.
package struct APIStackSummary: Sendable, Hashable, Codable {
  package var name: String
  package var revision: Int
  /// The parent's name; nil for none.
  package var from: String?
  /// Nil for a stack that is no layer.
  package var level: String?
  /// How many applications it has itself, without its parents'.
  package var applications: Int
  package var addedAt: Timestamp
  package var addedBy: String

  package init(
    name: String, revision: Int, from: String?, level: String?, applications: Int, addedAt: Timestamp, addedBy: String
  ) {
    self.name = name
    self.revision = revision
    self.from = from
    self.level = level
    self.applications = applications
    self.addedAt = addedAt
    self.addedBy = addedBy
  }
}

/// `GET /api/v1/stacks?limit=N&page=TOKEN`, by name.
package struct APIStackPage: Sendable, Hashable, Codable {
  package var stacks: [APIStackSummary]
  /// For `page` of the next call; nil at the end.
  package var next: String?

  package init(stacks: [APIStackSummary], next: String?) {
    self.stacks = stacks
    self.next = next
  }
}

/// `GET /api/v1/stacks/{stack}?revision=N&merged=true`.
package struct APIStackDocument: Sendable, Hashable, Codable {
  package var summary: APIStackSummary
  package var file: String
  /// The author's text, byte for byte.
  package var source: String
  /// Whether `yaml` and `stack` are merged with the parents.
  package var merged: Bool
  /// The stack as YAML in its canonical form.
  package var yaml: String
  package var stack: JSON

  package init(summary: APIStackSummary, file: String, source: String, merged: Bool, yaml: String, stack: JSON) {
    self.summary = summary
    self.file = file
    self.source = source
    self.merged = merged
    self.yaml = yaml
    self.stack = stack
  }
}

/// `DELETE /api/v1/stacks/{stack}?force=true`: what was removed, children first.
package struct APIStacksRemoved: Sendable, Hashable, Codable {
  package var removed: [String]

  package init(removed: [String]) {
    self.removed = removed
  }
}
