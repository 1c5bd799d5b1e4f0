import CPosix
import Concurrency
import Glibc

/// Starts processes and learns of their ends on one thread, by pidfds: no `SIGCHLD`, no waiting thread per child.
package final class ProcessReactor: Sendable {
  package static let shared = ProcessReactor()

  struct State {
    var children: [Int32: RunningProcess] = [:]
    var isSubreaper = false
    var isSweeping = false
    var sweepAgain = false
  }

  /// Held while a child is started, so that who holds it knows each child by its id.
  let state = Locked(State())

  private init() {}

  /// Raises the limit of open descriptors to what the system allows; children get the old limit. Call it first in a program.
  /// - Returns: the limit now.
  @discardableResult
  package static func raiseDescriptorLimit() -> UInt64 { cposix_raise_descriptor_limit() }

  /// Starts a program: a few milliseconds, whatever our own size.
  package func spawn(_ specification: ProcessSpecification) throws(ProcessError) -> RunningProcess {
    let open = specification.openExecutable
    let executable = if let open { open.path } else { try ExecutablePath.find(specification.executable) }
    let (descriptors, opened) = try standardDescriptors(specification)
    // `opened` must live until the child has its copies.
    defer { withExtendedLifetime(opened) {} }
    return try state.withLock { (state) throws(ProcessError) in
      let process = try start(specification, executable, descriptors)
      state.children[process.pid] = process
      do throws(ProcessError) {
        try process.watch { [self] process in forget(process) }
      } catch {
        state.children[process.pid] = nil
        process.signal(SIGKILL)
        throw error
      }
      return process
    }
  }

  private func forget(_ process: RunningProcess) {
    state.withLock { $0.children[process.pid] = nil }
    sweepOrphans()
  }

  private func start(
    _ specification: ProcessSpecification, _ executable: String, _ descriptors: [cposix_descriptor]
  ) throws(ProcessError) -> RunningProcess {
    let environment = specification.environment.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }
    var pid: Int32 = 0
    var pidfd: Int32 = -1
    var failedStep: UnsafePointer<CChar>?
    let code = withCStrings([specification.executable] + specification.arguments) { arguments in
      withCStrings(environment) { environment in
        descriptors.withUnsafeBufferPointer { descriptors in
          withOptionalCString(specification.workingDirectory) { workingDirectory in
            executable.withCString { path in
              var request = cposix_spawn_request(
                executable: path, executable_descriptor: specification.openExecutable?.file.number ?? -1,
                arguments: arguments, environment: environment,
                working_directory: workingDirectory, descriptors: descriptors.baseAddress,
                descriptor_count: Int32(descriptors.count), new_session: specification.newSession)
              return cposix_spawn(&request, &pid, &pidfd, &failedStep)
            }
          }
        }
      }
    }
    guard code == 0 else {
      let step = failedStep.map { String(cString: $0) } ?? "start a process"
      let isProgram = code == ENOENT || code == EACCES || code == ENOEXEC
      throw ProcessError(
        isProgram ? .notExecutable : .system,
        "cannot start \(executable): cannot \(step): \(String(cString: strerror(code)))")
    }
    return RunningProcess(pid: pid, pidfd: Descriptor(owning: pidfd))
  }

  private func standardDescriptors(
    _ specification: ProcessSpecification
  ) throws(ProcessError) -> ([cposix_descriptor], [Descriptor]) {
    var opened: [Descriptor] = []
    var descriptors = specification.descriptors.map { cposix_descriptor(child: $0.key, ours: $0.value) }
    func add(_ child: Int32, _ ours: Int32) { descriptors.append(cposix_descriptor(child: child, ours: ours)) }
    func open(_ child: Int32, _ path: String, _ flags: Int32) throws(ProcessError) {
      let descriptor = try Descriptor.open(path, flags)
      opened.append(descriptor)
      add(child, descriptor.number)
    }
    switch specification.input {
    case .null: try open(0, "/dev/null", O_RDONLY)
    case .descriptor(let ours): add(0, ours)
    }
    for (child, output) in [(Int32(1), specification.output), (2, specification.error)] {
      switch output {
      case .null: try open(child, "/dev/null", O_WRONLY)
      case .file(let path, let append): try open(child, path, O_WRONLY | O_CREAT | (append ? O_APPEND : O_TRUNC))
      case .descriptor(let ours): add(child, ours)
      case .inherit: add(child, child)
      }
    }
    return (descriptors, opened)
  }
}
