package import Engine
package import Store

/// What is put around the engine's ports and the store, to watch them or to stand in their way. Nothing, in the program.
package struct PortDecoration: Sendable {
  package var store: @Sendable (any Store) -> any Store = { $0 }
  package var cluster: @Sendable (any ApplicationCluster) -> any ApplicationCluster = { $0 }
  package var hooks: @Sendable (any HookExecutor) -> any HookExecutor = { $0 }

  package var scripts: @Sendable (any ScriptExecutor) -> any ScriptExecutor = { $0 }
  /// The digests of the keys that requests bring.
  package var keys = KeyCheck()

  package init() {}
}
