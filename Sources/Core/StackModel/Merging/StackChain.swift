/// A stack and all that it inherits from. Looking the parents up is the caller's: as long as `missingParent` names
/// one, look it up and `add` it.
package struct StackChain: Sendable, Hashable {
  /// The stack itself first, its root ancestor last.
  package private(set) var stacks: [Stack]
  private var names: Set<String>

  package init(_ stack: Stack) {
    stacks = [stack]
    names = [stack.name]
  }

  /// The stack that the chain begins with.
  package var stack: Stack { stacks[0] }

  /// The parent to look up next; `nil` when the chain is complete.
  package var missingParent: String? {
    guard let last = stacks.last, !last.from.isEmpty else { return nil }
    return last.from
  }

  /// Adds what was found under the name `missingParent`; `nil` for nothing.
  package mutating func add(_ parent: Stack?) throws(InheritanceError) {
    guard let name = missingParent, let child = stacks.last else { return }
    if names.contains(name) {
      throw InheritanceError(.cycle(stacks.map(\.name).drop { $0 != name } + [name]))
    }
    guard let parent else { throw InheritanceError(.missingParent(name, of: child.name)) }
    stacks.append(parent)
    names.insert(parent.name)
  }

  /// The chain of a stack with its parents taken from a closure, which returns `nil` for a stack that does not exist.
  package static func complete(
    _ stack: Stack, parent: (String) async throws -> Stack?
  ) async throws -> StackChain {
    var chain = StackChain(stack)
    while let name = chain.missingParent { try chain.add(try await parent(name)) }
    return chain
  }

  /// The root ancestor with all its descendants laid over it, down to the stack itself, which gives the name. It
  /// inherits from nothing any more.
  package var merged: Stack {
    var result = Stack.merging(stacks.reversed()) ?? stack
    result.from = ""
    return result
  }

  /// What a run works on, in a zone or in none. A stack walks its graph or is run by its function, never both; layers have no
  /// function, and their applications are without effect on a stack that has one.
  package func runnable(inZone zone: StackChain?) throws(InheritanceError) -> Stack {
    let own = merged
    if own.run != nil, !own.applications.isEmpty {
      let function = stacks.first { $0.run != nil } ?? stack
      let keys = own.applications.keys
      let others = stacks.first { other in other.applications.keys.contains { keys.contains($0) } } ?? stack
      throw InheritanceError(.functionOverGraph(function: function.name, applications: others.name, of: stack.name))
    }
    guard let zone else { return own }
    var result = try merged(inZone: zone)
    if let layer = zone.stacks.first(where: { $0.run != nil }) {
      throw InheritanceError(.functionInLayer(layer.name))
    }
    if result.run != nil { result.applications = [:] }
    return result
  }

  /// What runs in a zone: datacenter ← cluster ← zone ← stack, each as far as the zone's chain has it. The stack has
  /// the last word.
  package func merged(inZone zone: StackChain) throws(InheritanceError) -> Stack {
    for layer in zone.stacks where LayerLevel(rawValue: layer.layer) == nil {
      throw InheritanceError(.unknownLevel(layer.layer, of: layer.name))
    }
    for (child, parent) in zip(zone.stacks, zone.stacks.dropFirst()) where parent.layer < child.layer {
      throw InheritanceError(
        .wrongOrder(parent: parent.name, parentLevel: parent.layer, child: child.name, childLevel: child.layer))
    }
    var result = zone.merged.merging(merged)
    // The layers' own kind says nothing about what runs.
    result.layer = stack.layer
    result.namespace = stack.namespace
    return result
  }
}
