import JSON

/// What the applications of a stack that is Lua say of each other: `${exhibitor.zkConnect}`, which is what `out` gives.
///
/// One that uses a variable of another one waits for it. Where nothing is replaced, such a text is a mistake.
struct StackReferences {
  private let stack: Stack
  private let ids: Set<String>
  /// Of the ids, in bytes: others need not be looked up.
  private let lengths: Set<Int>

  /// In bytes. What is longer is no id of Marathon's, and long ids with many dots would cost much to look up.
  private static let longestID = 255

  init(_ stack: Stack) {
    self.stack = stack
    ids = Set(stack.applications.values.map(\.id).filter { !$0.isEmpty && $0.utf8.count <= Self.longestID })
    lengths = Set(ids.map(\.utf8.count))
  }

  /// A text where nothing is replaced.
  struct Misplaced {
    let path: StackPath
    /// `${exhibitor.zkConnect}`.
    let reference: String
  }

  var misplaced: [Misplaced] {
    let replaced = Set(Application.SubstitutionStage.allCases.flatMap(\.fields))
    return stack.applications.flatMap { key, application in
      ApplicationField.allCases.filter { !replaced.contains($0) }.flatMap { field in
        texts(of: application, field).compactMap { place, text in
          names(in: text).first { owner(of: $0) != nil }.map { name in
            Misplaced(
              path: StackPath(StackPath.application(key, field).components + place), reference: "${\(name.shortened)}")
          }
        }
      }
    }
  }

  /// The ids of those whose variables an application uses, each once, in the order of its fields.
  func uses(of application: Application) -> [String] {
    var found: [String] = []
    var seen: Set<String> = [application.id]
    for field in Application.SubstitutionStage.allCases.flatMap(\.fields) {
      for (_, text) in texts(of: application, field) {
        for id in names(in: text).compactMap(owner) where seen.insert(id).inserted { found.append(id) }
      }
    }
    return found
  }

  // MARK: texts

  /// All texts in a field's value but those of scripts, which are never changed.
  private func texts(
    of application: Application, _ field: ApplicationField
  ) -> [(place: [StackPath.Component], text: String)] {
    if let hook = HookPlace(field) {
      return application.hooks[hook].enumerated().compactMap { index, command in
        if case .shell(let line) = command { ([.index(index)], line) } else { nil }
      }
    }
    guard let value = application.json(of: field) else { return [] }
    var texts: [(place: [StackPath.Component], text: String)] = []
    collect(value, [], into: &texts)
    return texts
  }

  private func collect(
    _ value: JSON, _ place: [StackPath.Component], into texts: inout [(place: [StackPath.Component], text: String)]
  ) {
    switch value {
    case .string(let text): if text.utf8.contains(UInt8(ascii: "$")) { texts.append((place, text)) }
    case .array(let items):
      for (index, item) in items.enumerated() { collect(item, place + [.index(index)], into: &texts) }
    case .object(let object): for (key, item) in object { collect(item, place + [.key(key)], into: &texts) }
    case .null, .bool, .integer, .number, .bigNumber: break
    }
  }

  /// The names of variables in a text. Of one whose name is made of others, the others.
  private func names(in text: String) -> [String] {
    var names: [String] = []
    var start: String.UTF8View.Index?
    var last = UInt8(ascii: " ")
    for (index, byte) in zip(text.utf8.indices, text.utf8) {
      switch byte {
      case UInt8(ascii: "{"): start = last == UInt8(ascii: "$") ? text.utf8.index(after: index) : nil
      case UInt8(ascii: "}"):
        if let start, let name = String(text.utf8[start..<index]) { names.append(name) }
        start = nil
      default: break
      }
      last = byte
    }
    return names
  }

  /// The application of the stack whose variable has this name; of several the one with the longest id.
  private func owner(of name: String) -> String? {
    let bytes = name.utf8.prefix(Self.longestID + 1)
    var found: String?
    for (length, index) in bytes.indices.enumerated()
    where bytes[index] == UInt8(ascii: ".") && lengths.contains(length) {
      if let id = String(bytes[..<index]), ids.contains(id) { found = id }
    }
    return found
  }
}

extension Stack {
  /// Gives each application the dependencies that follow from what it refers to.
  ///
  /// What an application lists replaces what it inherits. So nothing is added to one that lists nothing and inherits.
  /// - Parameter inherited: the stack that this one is laid over; nil where that is not known.
  /// - Returns: what was not added: an application's key, and the ids that it would have to wait for.
  mutating func addReferences(inherits: Bool, inherited: Stack?) -> [(key: String, ids: [String])] {
    let references = StackReferences(self)
    var missing: [(key: String, ids: [String])] = []
    for (key, application) in applications {
      let known = Set(application.dependencies)
      var uses = references.uses(of: application).filter { !known.contains($0) }
      guard !uses.isEmpty else { continue }
      if inherits, application.dependencies.isEmpty, inherited == nil || inherited?.applications[key] != nil {
        let inheritedOnes = Set(inherited?.applications[key]?.dependencies ?? [])
        uses.removeAll { inheritedOnes.contains($0) }
        if !uses.isEmpty { missing.append((key, uses)) }
      } else {
        applications[key]?.dependencies += uses
      }
    }
    return missing
  }
}
