package import JSON
import StackModel

extension HostFunction {
  /// Brings a call's arguments into normal form: named, defaults filled in, an empty table made the list or map that it is meant to be.
  ///
  /// - Returns: or a failure that names all problems at once, with `details` as `{"problems": […]}`.
  package func check(_ arguments: [JSON]) -> Result<JSONObject, HostCallFailure> {
    var check = ArgumentCheck()
    var normal = JSONObject()
    for (index, parameter) in parameters.enumerated() {
      let given = arguments.indices.contains(index) ? arguments[index] : .null
      normal[parameter.name] = check.field(
        parameter, given, at: "argument \(index + 1) (\(parameter.name))")
    }
    // Surplus nils change nothing.
    let count = (arguments.lastIndex { !$0.isNull } ?? -1) + 1
    if count > parameters.count {
      check.note("takes \(Self.count(parameters.count, "argument")), \(count) \(count == 1 ? "was" : "were") given")
    }
    guard check.problems.isEmpty else { return .failure(check.failure) }
    do throws(HostCallFailure) {
      try furtherCheck?(normal)
      return .success(normal)
    } catch {
      check.note(error.message)
      return .failure(check.failure)
    }
  }

  private static func count(_ count: Int, _ noun: String) -> String {
    switch count {
    case 0: "no \(noun)s"
    case 1: "1 \(noun)"
    default: "\(count) \(noun)s"
    }
  }
}

/// Compares values with types, and collects what does not fit.
struct ArgumentCheck {
  private(set) var problems: [String] = []
  private var isCut = false

  /// So many are told: a table may have a million fields.
  private static let mostProblems = 10
  private static let longestEcho = 40

  var failure: HostCallFailure {
    let message = problems.joined(separator: "; ") + (isCut ? "; and more" : "")
    return HostCallFailure(.invalidArgument, message, details: ["problems": .array(problems.map { .string($0) })])
  }

  mutating func note(_ problem: String) {
    guard problems.count < Self.mostProblems else {
      isCut = true
      return
    }
    problems.append(problem)
  }

  /// The value in normal form; nil where there is none, or where it does not fit.
  mutating func field(_ field: HostField, _ value: JSON, at place: String) -> JSON? {
    if value.isNull, field.type != .json || field.presence != .required {
      switch field.presence {
      case .optional: return nil
      case .standard(let standard): return standard
      case .required:
        if case .nullable = field.type { return .null }
        note("\(place) must be \(field.type.phrase), is nil")
        return nil
      }
    }
    return self.value(value, field.type, at: place)
  }

  private mutating func value(_ value: JSON, _ type: HostType, at place: String) -> JSON? {
    switch (type, value) {
    case (.json, _), (.string, .string), (.boolean, .bool), (.integer, .integer), (.number, .integer),
      (.number, .number):
      return value
    case (.nullable, .null): return value
    case (.nullable(let wrapped), _): return self.value(value, wrapped, at: place)
    case (.integer, .number(let number)):
      if let integer = Int64(exactly: number) { return .integer(integer) }
      note("\(place) must be a whole number, is \(value.text)")
      return nil
    case (.duration, .string(let text)): return duration(text, at: place)
    case (.size, .string(let text)): return size(text, at: place)
    case (.choice(let choices), .string(let text)):
      if choices.contains(text) { return value }
      note("\(place) must be \(type.phrase), is \(Self.echo(text))\(Self.suggestion(text, choices))")
      return nil
    case (.list(let element), .array(let items)): return list(items, element, at: place)
    // An empty table of Lua has no kind; here it gets one.
    case (.list, .object(let object)) where object.isEmpty: return []
    case (.map, .array(let items)) where items.isEmpty: return [:]
    case (.map(let element), .object(let object)): return map(object, element, at: place)
    case (.record(let record), .array(let items)) where items.isEmpty: return self.record([:], record, at: place)
    case (.record(let record), .object(let object)): return self.record(object, record, at: place)
    case (.handle, .string): return value
    case (.handle, .object(let object)):
      if case .string? = object["id"] { return object["id"] }
      note("\(place) must be \(type.phrase), is a table without id")
      return nil
    default:
      note("\(place) must be \(type.phrase), is \(value.luaKind)")
      return nil
    }
  }

  private mutating func duration(_ text: String, at place: String) -> JSON? {
    do throws(GoDurationError) {
      let duration = try GoDuration.parse(text)
      if duration >= .zero { return .string(GoDuration.text(duration)) }
      note("\(place) must not be negative, is \(Self.echo(text))")
    } catch {
      note("\(place) must be \(HostType.duration.phrase), is \(Self.echo(text))")
    }
    return nil
  }

  private mutating func size(_ text: String, at place: String) -> JSON? {
    if let bytes = ByteSize.parse(text) { return .integer(bytes) }
    note("\(place) must be \(HostType.size.phrase), is \(Self.echo(text))")
    return nil
  }

  private mutating func list(_ items: [JSON], _ element: HostType, at place: String) -> JSON? {
    if element == .json { return .array(items) }
    let count = problems.count
    var normal: [JSON] = []
    normal.reserveCapacity(items.count)
    for (index, item) in items.enumerated() {
      if let item = value(item, element, at: "\(place)[\(index + 1)]") { normal.append(item) }
      if isCut { break }
    }
    return problems.count == count ? .array(normal) : nil
  }

  private mutating func map(_ object: JSONObject, _ element: HostType, at place: String) -> JSON? {
    if element == .json { return .object(object) }
    let count = problems.count
    var normal = JSONObject()
    for (key, item) in object {
      normal[key] = value(item, element, at: "\(place).\(Self.short(key))")
      if isCut { break }
    }
    return problems.count == count ? .object(normal) : nil
  }

  private mutating func record(_ object: JSONObject, _ record: HostRecord, at place: String) -> JSON? {
    let count = problems.count
    var normal = JSONObject()
    for field in record.fields {
      normal[field.name] = self.field(field, object[field.name] ?? .null, at: "\(place).\(field.name)")
    }
    let names = record.fields.map(\.name)
    for key in object.keys where !names.contains(key) {
      note("\(place) has no field \(Self.echo(key))\(Self.suggestion(key, names))")
      if isCut { break }
    }
    return problems.count == count ? .object(normal) : nil
  }

  private static func suggestion(_ name: String, _ known: [String]) -> String {
    NearestName.to(name, among: known).map { ": is '\($0)' meant?" } ?? ""
  }

  private static func echo(_ text: String) -> String { "'\(short(text))'" }

  private static func short(_ text: String) -> String {
    text.count > longestEcho ? text.prefix(longestEcho) + "…" : text
  }
}

extension HostType {
  /// Completes "must be …".
  var phrase: String {
    switch self {
    case .string: "a string"
    case .integer: "a whole number"
    case .number: "a number"
    case .boolean: "true or false"
    case .duration: "a duration such as \"10m\" or \"1m30s\""
    case .size: "a size such as \"512MiB\" or \"1GiB\""
    case .choice(let choices): choices.map { "\"\($0)\"" }.joined(separator: " or ")
    case .list: "a list"
    case .map: "a map with string keys"
    case .record: "a table with fields"
    case .json: "a value"
    case .handle(let handle):
      "\(handle.kind.first.map { "aeiou".contains($0) } == true ? "an" : "a") \(handle.kind) or its id"
    case .nullable(let wrapped): wrapped.phrase
    }
  }
}

extension JSON {
  /// What Lua calls it.
  var luaKind: String {
    switch self {
    case .null: "nil"
    case .bool: "a boolean"
    case .integer, .number, .bigNumber: "a number"
    case .string: "a string"
    case .array: "a list"
    case .object(let object): object.isEmpty ? "an empty table" : "a table with keys"
    }
  }
}
