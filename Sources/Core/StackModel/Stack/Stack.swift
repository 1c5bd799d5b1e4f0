/// A stack as its author wrote it, or as inheritance and layers have merged it: applications under the keys of the file.
package struct Stack: Sendable, Hashable {
  package var name: String
  /// The stack this one inherits from; empty for none.
  package var from: String
  /// Read and written as the original does; has no meaning.
  package var namespace: String
  /// The number of a `LayerLevel`; 0 for an ordinary stack too, which is why any stack may serve as a zone. Kept as
  /// written, also where it names no level.
  package var layer: Int
  /// By key of the file. Dependencies name application *ids*, which may differ from the keys.
  package var applications: OrderedMap<Application>
  /// What scripts of this stack may call; patterns of operation and resource. `nil` where the stack says nothing.
  package var grants: [String]?
  /// Variables that a run of it may be given, by name.
  package var variables: OrderedMap<VariableDeclaration>
  /// The function that a run calls in place of walking the graph. Such a stack has no applications of its own.
  package var run: HookScript?

  package init(
    name: String = "", from: String = "", namespace: String = "", layer: Int = 0,
    applications: OrderedMap<Application> = [:], grants: [String]? = nil,
    variables: OrderedMap<VariableDeclaration> = [:], run: HookScript? = nil
  ) {
    self.name = name
    self.from = from
    self.namespace = namespace
    self.layer = layer
    self.applications = applications
    self.grants = grants
    self.variables = variables
    self.run = run
  }
}

/// What kind of layer a stack is. Merged in the order datacenter ← cluster ← zone ← stack; the stack has the last word.
package enum LayerLevel: Int, Sendable, Hashable, CaseIterable {
  // The original's numbers, as its wire form and its table have them.
  case zone = 0
  case cluster = 1
  case datacenter = 2

  /// The name that the command line and the HTTP API use.
  package var name: String {
    switch self {
    case .zone: "zone"
    case .cluster: "cluster"
    case .datacenter: "datacenter"
    }
  }

  package init?(name: String) {
    guard let level = Self.allCases.first(where: { $0.name == name }) else { return nil }
    self = level
  }
}
