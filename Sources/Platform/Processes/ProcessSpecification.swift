/// What to start and with what. The child gets the descriptors named here and no other.
package struct ProcessSpecification: Sendable {
  package enum Input: Sendable, Hashable {
    case null
    /// A descriptor of ours; it stays open here.
    case descriptor(Int32)
  }

  package enum Output: Sendable, Hashable {
    case null
    /// A file, created with mode 0644 if it is missing, else emptied or appended to.
    case file(_ path: String, append: Bool)
    /// A descriptor of ours; it stays open here.
    case descriptor(Int32)
    case inherit
  }

  /// A path, or a name that is looked for in our own `PATH`.
  package var executable: String
  /// The program that was opened before, to run instead of what is at the path now; see `ExecutableFile`.
  package var openExecutable: ExecutableFile?
  /// Without the program's name, which the child gets as its first argument.
  package var arguments: [String]
  /// The whole environment: nothing of ours is added.
  package var environment: [String: String]
  /// `nil`: ours.
  package var workingDirectory: String?
  package var input: Input
  package var output: Output
  package var error: Output
  /// Further descriptors: the child's number → ours. At most 60.
  package var descriptors: [Int32: Int32]
  /// The child leads a process group of its own, so that a Ctrl-C at our terminal does not reach it, and a session, so that a
  /// closed terminal does not either. Where it stays in our session its priority counts beside ours: the kernel gives each
  /// session the same share of the processors, whatever the priorities in it (`sched(7)`, autogroup).
  package var newSession: Bool

  package init(
    executable: String, openExecutable: ExecutableFile? = nil, arguments: [String] = [],
    environment: [String: String] = [:], workingDirectory: String? = nil,
    input: Input = .null, output: Output = .inherit, error: Output = .inherit, descriptors: [Int32: Int32] = [:],
    newSession: Bool = true
  ) {
    self.executable = executable
    self.openExecutable = openExecutable
    self.arguments = arguments
    self.environment = environment
    self.workingDirectory = workingDirectory
    self.input = input
    self.output = output
    self.error = error
    self.descriptors = descriptors
    self.newSession = newSession
  }
}
