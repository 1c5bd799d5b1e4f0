/// A table of functions that scripts have, or the functions that are in none.
struct LuaModule {
  /// Nil for functions that stand by themselves.
  let name: String?
  let doc: String
  let functions: [HostFunction]

  /// In the order in which the registry has them.
  static let all: [LuaModule] = {
    var names: [String?] = []
    for function in HostFunctions.all where !names.contains(function.module) { names.append(function.module) }
    return names.map { name in
      LuaModule(
        name: name, doc: doc(of: name), functions: HostFunctions.all.filter { $0.module == name })
    }
  }()

  private static func doc(of name: String?) -> String {
    name.map { HostFunctions.modules[$0] ?? "" } ?? "Functions that are in no module."
  }

  /// What scripts have without a call to the host, in the form of the registry so that it is described alike.
  static let json = LuaModule(
    name: "json",
    doc: """
      Values as text and back, without a call to the host. `json.null` stands for null, where `nil` would leave a field out. \
      Tables have at most 64 levels, texts the size that values for the host may have.
      """,
    functions: [
      own(
        "json.encode",
        [HostField("value", .json, doc: "A table whose keys are 1 to n is a list, one with strings as keys a map.")],
        returns: .string, doc: "The value as JSON on one line. Keys of maps are sorted; `1.0` stays `1.0`."),
      own(
        "json.decode", [HostField("text", .string, doc: "One JSON value.")], returns: .json,
        doc: "The value of a JSON text. Whole numbers become integers where they fit; an empty list stays a list."),
      own(
        "json.array",
        [HostField("list", .list(.json), .optional, doc: "A table without a metatable; left out, a new one.")],
        returns: .list(.json), doc: "Marks a table as a list, so that it is `[]` and not `{}` while it is empty."),
    ])

  private static func own(
    _ name: String, _ parameters: [HostField], returns result: HostType, doc: String
  ) -> HostFunction {
    HostFunction(name, parameters, returns: result, recording: .answer, doc: doc)
  }
}

extension HostFunction {
  /// `vars` of `vars.set`; nil where there is no module.
  var module: String? {
    name.firstIndex(of: ".").map { String(name[..<$0]) }
  }
}

extension HostType {
  /// The records with names, and the handles, that a value may contain, innermost first.
  var named: (records: [HostRecord], handles: [HostHandle]) {
    switch self {
    case .handle(let handle): return ([], [handle])
    case .list(let wrapped), .map(let wrapped), .nullable(let wrapped): return wrapped.named
    case .record(let record):
      let inner = record.fields.map(\.type.named)
      return (inner.flatMap(\.records) + (record.name == nil ? [] : [record]), inner.flatMap(\.handles))
    case .string, .integer, .number, .boolean, .duration, .size, .choice, .json: return ([], [])
    }
  }
}

/// The records and handles that the functions of the registry and `ctx` use, each once.
struct LuaTypes {
  private(set) var records: [(name: String, record: HostRecord)] = []
  private(set) var handles: [HostHandle] = []

  init() {
    for function in HostFunctions.all {
      for parameter in function.parameters { add(parameter.type) }
      if function.wrapper == nil, let result = function.result { add(result) }
    }
    add(HookContext.type)
    add(RunContext.type)
  }

  private mutating func add(_ type: HostType) {
    let (records, handles) = type.named
    for record in records {
      if let name = record.name, !self.records.contains(where: { $0.name == name }) {
        self.records.append((name, record))
      }
    }
    for handle in handles where !self.handles.contains(handle) {
      self.handles.append(handle)
      for method in handle.methods {
        for parameter in method.parameters { add(parameter.type) }
        add(method.result)
      }
    }
  }
}
