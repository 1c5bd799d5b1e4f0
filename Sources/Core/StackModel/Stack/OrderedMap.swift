/// A map with text keys that keeps the order of insertion, as a YAML mapping is read by people.
///
/// Setting an existing key keeps its place. Equality looks at keys, values and order.
package struct OrderedMap<Value> {
  package private(set) var keys: [String] = []
  private var storage: [String: Value] = [:]

  package init() {}

  /// The last of several pairs with one key wins; its place is that of the first.
  package init(_ pairs: some Sequence<(String, Value)>) {
    for (key, value) in pairs { self[key] = value }
  }

  package var isEmpty: Bool { keys.isEmpty }
  package var count: Int { keys.count }
  package var values: [Value] { keys.compactMap { storage[$0] } }

  package subscript(key: String) -> Value? {
    get { storage[key] }
    set {
      if let newValue {
        if storage.updateValue(newValue, forKey: key) == nil { keys.append(key) }
      } else if storage.removeValue(forKey: key) != nil {
        keys.removeAll { $0 == key }
      }
    }
  }

  /// Removes many keys at once; one after another would take as long for each as the map is.
  package mutating func remove(_ names: Set<String>) {
    let before = storage.count
    for name in names { storage[name] = nil }
    if storage.count < before { keys.removeAll(where: names.contains) }
  }

  package func mapValues<Other>(_ transform: (Value) throws -> Other) rethrows -> OrderedMap<Other> {
    OrderedMap<Other>(try map { ($0.key, try transform($0.value)) })
  }
}

extension OrderedMap: Sequence {
  package typealias Element = (key: String, value: Value)

  package func makeIterator() -> AnyIterator<Element> {
    var rest = keys.makeIterator()
    return AnyIterator {
      guard let key = rest.next(), let value = storage[key] else { return nil }
      return (key, value)
    }
  }
}

extension OrderedMap: ExpressibleByDictionaryLiteral {
  package init(dictionaryLiteral elements: (String, Value)...) {
    self.init(elements)
  }
}

extension OrderedMap: Sendable where Value: Sendable {}
extension OrderedMap: Equatable where Value: Equatable {}
extension OrderedMap: Hashable where Value: Hashable {}
