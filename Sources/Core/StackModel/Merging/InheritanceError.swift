/// Why a stack's parents or a zone's layers cannot be merged.
package struct InheritanceError: Error, Sendable, Hashable {
  package enum Reason: Sendable, Hashable {
    /// `of` inherits from `parent`, which is not stored.
    case missingParent(String, of: String)
    /// Ends with the name that it begins with.
    case cycle([String])
    /// A layer inherits from one below it, such as a cluster from a zone.
    case wrongOrder(parent: String, parentLevel: Int, child: String, childLevel: Int)
    /// The file says `layer: 7`.
    case unknownLevel(Int, of: String)
    /// The chain of a stack has a function `run`, from one stack, and applications, from the same or another.
    case functionOverGraph(function: String, applications: String, of: String)
    /// A layer has a function `run`.
    case functionInLayer(String)
  }

  package var reason: Reason

  package init(_ reason: Reason) {
    self.reason = reason
  }

  /// The sentence that the original answers; `nil` where it had none: it followed a cycle until it died, and had no functions.
  package var originalText: String? {
    switch reason {
    case .missingParent: "Stack does not exist"
    case .cycle, .functionOverGraph, .functionInLayer: nil
    case .wrongOrder(_, let parentLevel, _, let childLevel):
      "Can't merge layer level \(parentLevel) with level \(childLevel)"
    case .unknownLevel(let level, let name): "Can't create layer \(name) with level \(level)"
    }
  }
}

extension InheritanceError: CustomStringConvertible {
  package var description: String {
    switch reason {
    case .missingParent(let parent, let name):
      return "stack \(name) inherits from \(parent), which does not exist; add \(parent) first"
    case .cycle(let names):
      return "stacks inherit from each other: \(names.joined(separator: " → ")); take one \"from\" away"
    case .wrongOrder(let parent, let parentLevel, let child, let childLevel):
      return "\(Self.name(childLevel)) \(child) inherits from \(Self.name(parentLevel)) \(parent); "
        + "a zone may inherit from a cluster, a cluster from a datacenter, never the other way round"
    case .functionOverGraph(let function, let applications, let name):
      let places = function == applications ? "" : ", from \(function) and from \(applications)"
      return "stack \(name) has a function run and applications\(places); "
        + "a stack walks its graph or is run by its function, not both"
    case .functionInLayer(let name):
      return "layer \(name) has a function run; only stacks are run, layers give fields and variables: take it away"
    case .unknownLevel(let level, let name):
      let known = LayerLevel.allCases.map { "\($0.rawValue) (\($0.name))" }.joined(separator: ", ")
      return "layer \(name) has the level \(level); the levels are \(known)"
    }
  }

  private static func name(_ level: Int) -> String {
    LayerLevel(rawValue: level)?.name ?? "layer of level \(level)"
  }
}
