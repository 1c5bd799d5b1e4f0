/// What one invocation of a script may use.
package struct ScriptLimits: Sendable, Hashable {
  /// CPU time of the worker, its start of about a millisecond included. Waiting for the host is free.
  package var cpu: Duration
  /// Bytes that the script's VM may hold at once.
  package var memory: Int
  /// From the call of `run` to its end, whatever the time is spent on.
  package var time: Duration
  /// Beyond the CPU budget, from the start or an answer to the next call that is waited for, or the end. A script may take that long on a
  /// machine that has no time for it; one that has taken its worker over may do nothing at all.
  package var silence: Duration
  /// Bytes that `print` may write in all.
  package var output: Int
  /// Bytes of the source, and of each module.
  package var source: Int
  /// Bytes of all modules.
  package var modules: Int
  /// Bytes of a value that crosses the border, as JSON.
  package var frame: Int

  package init(
    cpu: Duration = .seconds(2), memory: Int = 64 << 20, time: Duration = .seconds(60),
    silence: Duration = .seconds(300),
    output: Int = 16 << 20, source: Int = 1 << 20, modules: Int = 8 << 20, frame: Int = 8 << 20
  ) {
    self.cpu = cpu
    self.memory = memory
    self.time = time
    self.silence = silence
    self.output = output
    self.source = source
    self.modules = modules
    self.frame = frame
  }

  /// How long a worker may keep its turn.
  var turn: Duration { cpu + silence }

  /// What the worker takes in one frame: a value that crosses the border, or a source.
  var largestFrame: Int { max(frame, source + 1024) }
}
