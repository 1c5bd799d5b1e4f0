/// The members of a JSON object in their order.
///
/// Names are compared as Swift compares strings (by canonical equivalence of Unicode). Setting an existing name keeps
/// its place. Looking up costs a scan of up to 32 members, and a hash above that.
package struct JSONObject: Sendable {
  package typealias Element = (key: String, value: JSON)

  private var members: [Member] = []
  /// The places by name, kept only for objects that are too long to scan.
  private var index: [String: Int]?

  private struct Member: Sendable, Hashable {
    var key: String
    var value: JSON
  }

  private static let longestScan = 32

  package init() {}

  /// Of members with the same name the last wins, at the place of the first.
  package init(_ elements: some Sequence<(String, JSON)>) {
    for (key, value) in elements { self[key] = value }
  }

  package init(_ elements: some Sequence<(key: String, value: JSON)>) {
    for (key, value) in elements { self[key] = value }
  }

  /// The object without the members of these names.
  package func without(_ names: Set<String>) -> JSONObject {
    var object = JSONObject()
    for member in members where !names.contains(member.key) { object.append(member) }
    return object
  }

  package var keys: [String] { members.map(\.key) }
  package var values: [JSON] { members.map(\.value) }

  /// The member with this name. Setting nil removes it.
  package subscript(key: String) -> JSON? {
    get { place(of: key).map { members[$0].value } }
    set {
      switch (place(of: key), newValue) {
      case (let place?, let value?): members[place].value = value
      case (let place?, nil): remove(at: place)
      case (nil, let value?): append(Member(key: key, value: value))
      case (nil, nil): break
      }
    }
  }

  private func place(of key: String) -> Int? {
    if let index { return index[key] }
    return members.firstIndex { $0.key == key }
  }

  private mutating func append(_ member: Member) {
    members.append(member)
    if index != nil {
      index?[member.key] = members.count - 1
    } else if members.count > Self.longestScan {
      rebuildIndex()
    }
  }

  private mutating func remove(at place: Int) {
    members.remove(at: place)
    if members.count > Self.longestScan { rebuildIndex() } else { index = nil }
  }

  private mutating func rebuildIndex() {
    var index: [String: Int] = [:]
    index.reserveCapacity(members.count * 2)
    for (place, member) in members.enumerated() { index[member.key] = place }
    self.index = index
  }
}

extension JSONObject: RandomAccessCollection {
  package var startIndex: Int { 0 }
  package var endIndex: Int { members.count }

  package subscript(position: Int) -> (key: String, value: JSON) {
    (members[position].key, members[position].value)
  }
}

extension JSONObject: ExpressibleByDictionaryLiteral {
  package init(dictionaryLiteral elements: (String, JSON)...) { self.init(elements) }
}

extension JSONObject: Hashable {
  package static func == (left: JSONObject, right: JSONObject) -> Bool { left.members == right.members }
  package func hash(into hasher: inout Hasher) { hasher.combine(members) }
}
