package import JSON

/// YAML of any shape as JSON, by the rules that stacks are read by: the first document, YAML 1.1 as yaml.v2 of 2016 resolves it.
package enum YAMLText {
  /// - Throws: `YAMLTextError` for what is no YAML, or has no JSON: collections as keys, infinity, more than the limits.
  package static func json(_ text: [UInt8], limits: YAMLLimits) throws(YAMLTextError) -> JSON {
    do throws(YAMLError) {
      var converter = try YAMLConverter(document: YAMLParser.parse(text, limits: limits), limits: limits)
      return try converter.root()
    } catch {
      throw YAMLTextError(message: error.problem, position: error.position)
    }
  }
}

package struct YAMLTextError: Error, Hashable, CustomStringConvertible {
  package var message: String
  package var position: SourcePosition

  package var description: String { "line \(position.line), column \(position.column): \(message)" }
}

private struct YAMLConverter {
  private let document: YAMLDocument
  private let limits: YAMLLimits
  private var depth = 0
  private var openAliases: Set<String> = []
  private var aliasedNodes = 0
  private var aliasedBytes = 0

  init(document: YAMLDocument, limits: YAMLLimits) {
    self.document = document
    self.limits = limits
  }

  mutating func root() throws(YAMLError) -> JSON {
    guard let root = document.root else { return .null }
    return try value(root)
  }

  private mutating func value(_ node: YAMLNode) throws(YAMLError) -> JSON {
    guard depth <= limits.depth else { throw .limit("nested deeper than \(limits.depth)", at: node.position) }
    depth += 1
    defer { depth -= 1 }
    if !openAliases.isEmpty { try charge(node) }
    switch node.content {
    case .scalar(let scalar): return try self.scalar(scalar, at: node.position)
    case .sequence(let items):
      var values: [JSON] = []
      for item in items { values.append(try value(item)) }
      return .array(values)
    case .mapping(let entries):
      var object = JSONObject()
      try add(entries, to: &object)
      return .object(object)
    case .alias(let name):
      return try following(name, at: node) { (converter, target) throws(YAMLError) in try converter.value(target) }
    case .function, .unusable: throw Self.error("what YAML has not", at: node.position)
    }
  }

  /// The last of equal keys counts, also where one comes from a merge.
  private mutating func add(_ entries: [YAMLNode.Entry], to object: inout JSONObject) throws(YAMLError) {
    for entry in entries {
      if entry.key.isMergeKey {
        try merge(entry.value, into: &object)
      } else {
        let key = try self.key(entry.key)
        object[key] = try value(entry.value)
      }
    }
  }

  private mutating func merge(_ node: YAMLNode, into object: inout JSONObject) throws(YAMLError) {
    switch node.content {
    // Backwards, so that earlier ones take precedence.
    case .sequence(let items): for item in items.reversed() { try mergeMapping(item, into: &object) }
    default: try mergeMapping(node, into: &object)
    }
  }

  private mutating func mergeMapping(_ node: YAMLNode, into object: inout JSONObject) throws(YAMLError) {
    switch node.content {
    case .mapping(let entries):
      guard depth <= limits.depth else { throw .limit("nested deeper than \(limits.depth)", at: node.position) }
      depth += 1
      defer { depth -= 1 }
      if !openAliases.isEmpty { try charge(node) }
      try add(entries, to: &object)
    case .alias(let name):
      object = try following(name, at: node) { (converter, target) throws(YAMLError) in
        var merged = object
        try converter.mergeMapping(target, into: &merged)
        return merged
      }
    case .scalar, .sequence, .function, .unusable:
      throw Self.error("map merge requires map or sequence of maps as the value", at: node.position)
    }
  }

  private mutating func following<Value>(
    _ name: String, at node: YAMLNode, _ body: (inout YAMLConverter, YAMLNode) throws(YAMLError) -> Value
  ) throws(YAMLError) -> Value {
    guard let target = document.anchors[name] else {
      throw Self.error("unknown anchor '\(name.shortened)' referenced", at: node.position)
    }
    guard openAliases.insert(name).inserted else {
      throw Self.error("anchor '\(name.shortened)' value contains itself", at: node.position)
    }
    defer { openAliases.remove(name) }
    return try body(&self, target)
  }

  private mutating func charge(_ node: YAMLNode) throws(YAMLError) {
    aliasedNodes += 1
    if case .scalar(let scalar) = node.content { aliasedBytes += scalar.text.utf8.count }
    guard aliasedNodes <= limits.aliasedNodes, aliasedBytes <= limits.aliasedBytes else {
      throw .limit("aliases repeat too much of the document", at: node.position)
    }
  }

  /// Any scalar as written.
  private mutating func key(_ node: YAMLNode) throws(YAMLError) -> String {
    switch node.content {
    case .scalar(let scalar): return scalar.text
    case .alias(let name):
      return try following(name, at: node) { (converter, target) throws(YAMLError) in try converter.key(target) }
    case .sequence, .mapping, .function, .unusable: throw Self.error("a key that is a list or a map", at: node.position)
    }
  }

  private func scalar(_ scalar: YAMLScalar, at position: SourcePosition) throws(YAMLError) -> JSON {
    let resolution: YAMLResolution
    do throws(YAMLResolution.Failure) {
      resolution = try YAMLResolution.resolve(scalar)
    } catch {
      throw Self.error(error.problem, at: position)
    }
    switch resolution.value {
    case .null: return .null
    case .boolean(let value): return .bool(value)
    case .integer(let value): return .integer(value)
    case .unsigned(let value): return .bigNumber(String(value))
    case .float(let value):
      guard value.isFinite else { throw Self.error("a number that JSON has not", at: position) }
      return .number(value)
    case .string(let text): return .string(text)
    }
  }

  private static func error(_ problem: String, at position: SourcePosition) -> YAMLError {
    YAMLError(problem: problem, position: position, original: "yaml: \(problem)")
  }
}
