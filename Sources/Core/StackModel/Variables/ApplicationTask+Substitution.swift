extension ApplicationTask {
  /// How many parameters are tried in vain before the others are left out as well.
  private static let problemLimit = 100

  /// The parameters with their variables replaced, without those that need a variable which is not known yet; `nil` where the task is not
  /// a map.
  package func knownParameters(_ variables: Variables) -> OrderedMap<String>? {
    guard let parameters else { return nil }
    var substitution = Substitution(variables: variables)
    var known = OrderedMap<String>()
    var problems = 0
    for (name, value) in parameters where problems < Self.problemLimit {
      if let value = try? substitution.replaceAll(in: value) { known[name] = value } else { problems += 1 }
    }
    return known
  }
}
