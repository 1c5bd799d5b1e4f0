import Arguments
import JSON
import StackModel

/// How a command shows data: `-o table|json|yaml`.
enum OutputFormat: String, Sendable, CaseIterable {
  case table, json, yaml

  static let option = Option<OutputFormat>.choice("output", "o", help: "How to show it.", default: .table)

  /// The server's own answer, as JSON or YAML.
  /// - Parameter table: what people read.
  func show(_ json: JSON, table: () throws -> String) rethrows {
    switch self {
    case .table: Console.write(try table())
    case .json: Console.write(json.prettyText(indent: 2) + "\n")
    case .yaml: Console.write(StackYAML.text(json))
    }
  }
}
