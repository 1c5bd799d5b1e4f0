extension Stack {
  /// This stack with a child's laid over it: the child has the last word, application by application (matched by their
  /// keys) and field by field.
  ///
  /// The result carries the child's name, and this stack's `from`, `namespace` and `layer`, as in the original.
  package func merging(_ child: Stack) -> Stack {
    var result = self
    result.name = child.name
    result.grants = child.grants ?? grants
    result.run = child.run ?? run
    for (name, declaration) in child.variables { result.variables[name] = declaration }
    var removed: Set<String> = []
    for (key, overlay) in child.applications {
      if overlay.isNull {
        removed.insert(key)
      } else if let base = result.applications[key], !base.isNull {
        result.applications[key] = base.merging(overlay)
      } else {
        result.applications[key] = overlay
      }
    }
    result.applications.remove(removed)
    return result
  }

  /// Stacks laid over each other, the first at the bottom; `nil` where there are none.
  package static func merging(_ stacks: some Sequence<Stack>) -> Stack? {
    var result: Stack?
    for stack in stacks { result = result?.merging(stack) ?? stack }
    return result
  }
}
