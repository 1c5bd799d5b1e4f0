/// Which application of a stack must be done before which.
///
/// Dependencies name application *ids*; two keys of the file with one id are one node, and a problem.
package struct DependencyGraph: Sendable, Hashable {
  /// The ids in the order of the file.
  package let ids: [String]
  /// What is wrong with the graph, in the order of the file. With cycles, `order` has only what does not hang on them.
  package let problems: [GraphProblem]
  /// Every id behind all that it depends on; otherwise in the order of the file.
  package let order: [String]

  private let dependencies: [String: [String]]
  private let dependents: [String: [String]]

  package init(_ stack: Stack) {
    self.init(stack.applications.map { Node(key: $0.key, id: $0.value.id, dependencies: $0.value.dependencies) })
  }

  struct Node {
    var key: String
    var id: String
    var dependencies: [String]
  }

  init(_ nodes: [Node]) {
    var ids: [String] = []
    var keys: [String: [String]] = [:]
    var dependencies: [String: [String]] = [:]
    var known: [String: Set<String>] = [:]
    for node in nodes where !node.id.isEmpty {
      if keys[node.id] == nil { ids.append(node.id) }
      keys[node.id, default: []].append(node.key)
      for dependency in node.dependencies where known[node.id, default: []].insert(dependency).inserted {
        dependencies[node.id, default: []].append(dependency)
      }
    }

    var problems: [GraphProblem] = []
    for id in ids {
      if let keys = keys[id], keys.count > 1 { problems.append(.duplicateID(id, keys: keys)) }
    }
    let idsByKey = Dictionary(nodes.lazy.filter { !$0.id.isEmpty }.map { ($0.key, $0.id) }) { first, _ in first }
    var searches = 0
    for node in nodes {
      for dependency in node.dependencies where keys[dependency] == nil {
        // The key of an application is what its author most often confuses with the id.
        var nearest = idsByKey[dependency]
        // Searching takes long; nobody reads the hints of very many mistakes.
        if nearest == nil, searches < Self.searchLimit {
          nearest = NearestName.to(dependency, among: ids)
          searches += 1
        }
        problems.append(.unknownDependency(dependency, of: node.id, key: node.key, nearest: nearest))
      }
    }

    var dependents: [String: [String]] = [:]
    for id in ids {
      for dependency in dependencies[id, default: []] { dependents[dependency, default: []].append(id) }
    }
    self.ids = ids
    self.dependencies = dependencies
    self.dependents = dependents
    let idSet = Set(ids)
    order = Self.order(ids, dependencies.mapValues { $0.filter(idSet.contains) }, dependents)
    let cycles = Self.cycles(among: ids, dependencies)
    self.problems = problems + cycles.map { .cycle($0) }
  }

  /// For how many unknown dependencies the nearest id is looked for.
  private static let searchLimit = 10

  /// The ids that an application waits for, as written, each once; unknown ones too.
  package func dependencies(of id: String) -> [String] {
    dependencies[id, default: []]
  }

  /// The applications that wait for this one, in the order of the file.
  package func dependents(of id: String) -> [String] {
    dependents[id, default: []]
  }

  /// The order in which a stack is taken down: every id behind all that depend on it.
  package var orderOfRemoval: [String] { order.reversed() }

  /// All that depend on an application, directly or not.
  package func allDependents(of id: String) -> Set<String> {
    var found: Set<String> = []
    var waiting = [id]
    while let next = waiting.popLast() {
      for dependent in dependents(of: next) where found.insert(dependent).inserted { waiting.append(dependent) }
    }
    return found
  }

  private static func order(
    _ ids: [String], _ dependencies: [String: [String]], _ dependents: [String: [String]]
  ) -> [String] {
    let position = Dictionary(uniqueKeysWithValues: ids.enumerated().map { ($0.element, $0.offset) })
    var missing = ids.map { dependencies[$0, default: []].count }
    // Indexes that may come next. The lowest goes first, so that the file's order holds where nothing else decides.
    var ready = SmallestFirst(ids.indices.filter { missing[$0] == 0 })
    var order: [String] = []
    while let index = ready.pop() {
      order.append(ids[index])
      for dependent in dependents[ids[index], default: []] {
        guard let index = position[dependent] else { continue }
        missing[index] -= 1
        if missing[index] == 0 { ready.push(index) }
      }
    }
    return order
  }

  /// The cycles among applications, each as a path that ends where it begins, and at least one of each group that wait
  /// for each other. Dense groups have very many: no more are given than a few times as long as the stack. Without
  /// recursion, as stacks may be long chains.
  private static func cycles(among ids: [String], _ dependencies: [String: [String]]) -> [[String]] {
    enum Mark {
      /// At this place of the path.
      case onPath(Int)
      case done
    }
    let known = Set(ids)
    var marks: [String: Mark] = [:]
    var cycles: [[String]] = []
    var budget = 4 * ids.count + 1_000
    for root in ids where marks[root] == nil {
      var path = [root]
      var next = [0]
      // For each place of the path the last one up to it that a cycle has been given of; -1 for none.
      var given = [-1]
      marks[root] = .onPath(0)
      while let current = path.last {
        let edges = dependencies[current, default: []]
        let index = next[next.count - 1]
        guard index < edges.count else {
          marks[current] = .done
          path.removeLast()
          next.removeLast()
          given.removeLast()
          continue
        }
        next[next.count - 1] += 1
        let target = edges[index]
        guard known.contains(target) else { continue }
        switch marks[target] {
        case nil:
          marks[target] = .onPath(path.count)
          path.append(target)
          next.append(0)
          given.append(given[given.count - 1])
        case .onPath(let start):
          // A cycle of which no application has been in one before is always given: it may be the first of its group.
          guard budget > 0 || given[given.count - 1] < start else { continue }
          budget -= path.count - start
          cycles.append(path[start...] + [target])
          for place in start..<path.count { given[place] = place }
        case .done:
          break
        }
      }
    }
    return cycles
  }
}

/// A heap of small numbers.
private struct SmallestFirst {
  private var heap: [Int] = []

  init(_ numbers: [Int]) {
    // Ascending, which is a heap.
    heap = numbers.sorted()
  }

  mutating func push(_ number: Int) {
    heap.append(number)
    var child = heap.count - 1
    while child > 0, heap[child] < heap[(child - 1) / 2] {
      heap.swapAt(child, (child - 1) / 2)
      child = (child - 1) / 2
    }
  }

  mutating func pop() -> Int? {
    guard let smallest = heap.first, let last = heap.popLast() else { return nil }
    guard !heap.isEmpty else { return smallest }
    heap[0] = last
    var parent = 0
    while true {
      let children = [2 * parent + 1, 2 * parent + 2].filter { $0 < heap.count }
      guard let least = children.min(by: { heap[$0] < heap[$1] }), heap[least] < heap[parent] else { break }
      heap.swapAt(parent, least)
      parent = least
    }
    return smallest
  }
}
