/// Something about a merged stack that keeps it from running.
package struct ValidationProblem: Sendable, Hashable {
  /// The application's key in the file; nil where the stack as a whole is wrong.
  package var application: String?
  package var field: ApplicationField?
  /// Where inside the field: the number of the constraint, the field of the health check.
  package var place: [StackPath.Component] = []
  /// What is wrong and the way out.
  package var text: String
  /// The original's words where it refuses the same.
  package var original: String?

  /// The original's answer, if this were the only problem.
  package var originalText: String? {
    guard let application, let original else { return nil }
    return "Invalid application \(application): \(original)"
  }
}

extension ValidationProblem: CustomStringConvertible {
  package var description: String {
    guard let application else { return text }
    return "Invalid application \(application): \(text)"
  }
}

/// All problems of a stack at once.
package struct ValidationError: Error, Sendable, Hashable, CustomStringConvertible {
  package var stack: String
  package var problems: [ValidationProblem]

  package var description: String {
    problems.map(\.description).joined(separator: "\n")
  }
}
