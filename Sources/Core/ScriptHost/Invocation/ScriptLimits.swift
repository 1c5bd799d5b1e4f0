/// What one invocation of a script may use.
package struct ScriptLimits: Sendable, Hashable {
  /// CPU time of the worker, its start of about a millisecond included. Waiting for the host is free.
  package var cpu: Duration
  /// Bytes that the script's VM may hold at once.
  package var memory: Int
  /// From the call of `run` to its end, whatever the time is spent on.
  package var time: Duration
  /// Bytes that `print` may write in all.
  package var output: Int
  /// Bytes of the source, and of each module.
  package var source: Int
  /// Bytes of all modules.
  package var modules: Int
  /// Bytes of a value that crosses the border, as JSON.
  package var frame: Int

  package init(
    cpu: Duration = .seconds(2), memory: Int = 64 << 20, time: Duration = .seconds(60), output: Int = 16 << 20,
    source: Int = 1 << 20, modules: Int = 8 << 20, frame: Int = 8 << 20
  ) {
    self.cpu = cpu
    self.memory = memory
    self.time = time
    self.output = output
    self.source = source
    self.modules = modules
    self.frame = frame
  }

  /// What the worker takes in one frame: a value that crosses the border, or a source.
  var largestFrame: Int { max(frame, source + 1024) }
}
