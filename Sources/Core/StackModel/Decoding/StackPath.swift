/// The way to a place inside a stack: `applications.web.ports[0]`.
package struct StackPath: Sendable, Hashable, CustomStringConvertible {
  package enum Component: Sendable, Hashable {
    case key(String)
    case index(Int)
  }

  package var components: [Component]

  package init(_ components: [Component] = []) {
    self.components = components
  }

  /// The application under this key of the file.
  package static func application(_ key: String) -> StackPath {
    StackPath([.key("applications"), .key(key)])
  }

  package static func application(_ key: String, _ field: ApplicationField) -> StackPath {
    application(key).key(field.rawValue)
  }

  package func key(_ key: String) -> StackPath { StackPath(components + [.key(key)]) }
  package func index(_ index: Int) -> StackPath { StackPath(components + [.index(index)]) }

  /// One step up; `nil` at the top.
  package var parent: StackPath? {
    components.isEmpty ? nil : StackPath(components.dropLast())
  }

  package var description: String {
    var text = ""
    for component in components {
      switch component {
      case .key(let key): text += text.isEmpty ? key.shortened : ".\(key.shortened)"
      case .index(let index): text += "[\(index)]"
      }
    }
    return text
  }
}
