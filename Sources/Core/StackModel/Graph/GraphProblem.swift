/// What is wrong with the dependencies of a stack. The original hung for ever on each of these, or ran one of two
/// applications with the same id.
package enum GraphProblem: Error, Sendable, Hashable, CustomStringConvertible {
  case duplicateID(String, keys: [String])
  /// `nearest`: an id that may have been meant.
  case unknownDependency(String, of: String, key: String, nearest: String?)
  /// Ends with the id that it begins with.
  case cycle([String])

  package var description: String {
    switch self {
    case .duplicateID(let id, let keys):
      return "the applications \(keys.joined(separator: ", ")) have the same id \(id)"
    case .unknownDependency(let dependency, let id, let key, let nearest):
      let hint = nearest.map { "; did you mean \($0)?" } ?? "; dependencies name the ids of applications of the stack"
      return "application \(id.isEmpty ? key : id) depends on \(dependency), which the stack does not have\(hint)"
    case .cycle(let ids):
      return "applications wait for each other: \(ids.joined(separator: " → "))"
    }
  }
}
