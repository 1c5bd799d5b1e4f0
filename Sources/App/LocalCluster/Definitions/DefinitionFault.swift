package import JSON

/// Why a body was refused, in the shapes and with the statuses of Marathon 1.6.
package enum DefinitionError: Error, Sendable, Hashable, CustomStringConvertible {
  /// A type or range is wrong: 422 "Invalid JSON".
  case malformed([DefinitionFault])
  /// Each value is fine by itself, the whole is not: 422 "Object is not valid".
  case invalid([DefinitionFault])
  /// Not JSON at all: 400, with the parser's own words.
  case unparsable(String)
  /// An empty body: 400.
  case empty
  /// Marathon answers these with 500, old clients know the texts.
  case unsupported(String)

  package var status: Int {
    switch self {
    case .malformed, .invalid: 422
    case .unparsable, .empty: 400
    case .unsupported: 500
    }
  }

  package var body: JSON {
    switch self {
    case .malformed(let faults):
      ["message": "Invalid JSON", "details": DefinitionFault.details(faults)]
    case .invalid(let faults):
      ["message": "Object is not valid", "details": DefinitionFault.details(faults)]
    case .unparsable(let text):
      ["message": "Invalid JSON", "details": .string(text)]
    case .empty:
      [
        "message": "Please specify data in JSON format",
        "details": "No content to map due to end-of-input",
      ]
    case .unsupported(let text):
      ["message": .string(text)]
    }
  }

  package var description: String { "the definition was refused with \(status): \(body.text)" }
}

/// One fault and where it stands, as `/healthChecks(0)/portIndex`.
package struct DefinitionFault: Sendable, Hashable {
  package var path: String
  package var message: String

  package init(path: String, message: String) {
    self.path = path
    self.message = message
  }

  /// Faults of one path are one entry; entries are sorted by path.
  static func details(_ faults: [DefinitionFault]) -> JSON {
    var messages: [String: [String]] = [:]
    for fault in faults { messages[fault.path, default: []].append(fault.message) }
    return .array(
      messages.keys.sorted().map { path in
        ["path": .string(path), "errors": .array((messages[path] ?? []).map(JSON.string))]
      })
  }
}
