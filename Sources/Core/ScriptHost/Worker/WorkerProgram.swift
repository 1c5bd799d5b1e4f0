import Concurrency
import Processes

/// The helper program `script-worker`, opened once: an upgrade under a running server changes nothing for it.
package struct WorkerProgram: Sendable {
  let file: ExecutableFile

  /// - Throws: a failure of the kind `helper`, with a sentence, when there is none.
  package static func open() throws(ScriptFailure) -> WorkerProgram {
    do throws(ProcessError) {
      return WorkerProgram(file: try ExecutableFile(path: HelperLocation.find("script-worker")))
    } catch {
      throw ScriptFailure(.helper, "\(error)")
    }
  }

  /// - Parameter path: of the program; nothing is looked for.
  package static func open(path: String) throws(ScriptFailure) -> WorkerProgram {
    do throws(ProcessError) {
      return WorkerProgram(file: try ExecutableFile(path: path))
    } catch {
      throw ScriptFailure(.helper, "\(error)")
    }
  }

  private init(file: ExecutableFile) { self.file = file }

  /// Starts a worker with the socket as its only way out: no environment, no standard streams, `/` as its folder.
  func start(_ limits: ScriptLimits, socket: Descriptor) async throws(ScriptFailure) -> RunningProcess {
    let arguments = [
      "--protocol", String(WorkerConversation.protocolVersion),
      "--cpu", String(max(1, limits.cpu.wholeMilliseconds)),
      "--memory", String(max(1 << 20, limits.memory)),
      "--frame", String(limits.largestFrame),
    ]
    do throws(ProcessError) {
      return try await LastingThread.shared.spawn(
        ProcessSpecification(
          executable: file.path, openExecutable: file, arguments: arguments, environment: [:], workingDirectory: "/",
          output: .null, error: .null, descriptors: [3: socket.number],
          // It takes a lower priority than the server has, which counts in the same session alone.
          newSession: false))
    } catch {
      throw ScriptFailure(.helper, "\(error)")
    }
  }

  /// Completes a sentence about a helper that is not ours.
  func sentence(_ what: String) -> String {
    "\(file.path) is not the script-worker of this version: \(what); install the one that came with this program"
  }
}
