/// What a YAML source may cost. Stacks are small; the defaults leave room for thousands of applications.
package struct YAMLLimits: Sendable {
  /// Bytes of the source.
  package var size = 8 << 20
  /// How deep collections may be nested.
  package var depth = 100
  /// Nodes of the document.
  package var nodes = 1_000_000
  /// Nodes that aliases may repeat, all aliases together: what turns a small file into a bomb.
  package var aliasedNodes = 250_000
  /// Bytes of text that aliases may repeat.
  package var aliasedBytes = 64 << 20

  package init() {}

  package static let `default` = YAMLLimits()
}
