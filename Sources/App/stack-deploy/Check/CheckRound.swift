import ScriptHost
import StackModel
import StackServer

/// Stacks that are checked together, so that one may inherit from another.
struct CheckRound {
  let examiner: StackExaminer
  /// Files and folders that go with them.
  let with: [String]

  /// Says of each what is wrong with it, or that it is fine, in the order given.
  func areAllFine(_ given: [GivenStack]) async -> Bool {
    var areFine = true
    var stacks: [(given: GivenStack, stack: LocalStack?)] = []
    for given in given {
      do throws(FileContentsError) {
        stacks.append((given, try LocalStack(given.path)))
      } catch {
        tell("\(error)")
        areFine = false
      }
    }
    areFine = addFiles(to: &stacks) && areFine
    var read: [(given: GivenStack, stack: ReadStack)] = []
    for case (let given, let stack?) in stacks {
      guard let one = await self.read(stack, isLayer: given.isLayer) else {
        areFine = false
        continue
      }
      read.append((given, one))
    }
    let family = StackFamily(read.map(\.stack))
    for (given, stack) in read {
      if isFine(stack, in: family) {
        Console.write(TerminalText.text("\(given.path): fine") + "\n")
      } else {
        areFine = false
      }
    }
    return areFine
  }

  /// Gives each stack the files that lie in its folder. Those whose files cannot go with them are told, and left out.
  private func addFiles(to stacks: inout [(given: GivenStack, stack: LocalStack?)]) -> Bool {
    var areFine = true
    for path in with {
      let places = stacks.indices.filter { stacks[$0].stack?.folder.contains(path) == true }
      for index in places { stacks[index].stack?.folder.add(path) }
      guard places.isEmpty else { continue }
      tell(
        "\(path): " + (Path.exists(path) ? "it lies in the folder of none of the stacks" : "No such file or directory"))
      areFine = false
    }
    for (index, (given, stack)) in stacks.enumerated() {
      guard let problems = stack?.folder.problems, !problems.isEmpty else { continue }
      for problem in problems { tell("\(given.path): \(problem)") }
      stacks[index].stack = nil
      areFine = false
    }
    return areFine
  }

  private func read(_ stack: LocalStack, isLayer: Bool) async -> ReadStack? {
    let files = stack.folder.contents.sorted { $0.key < $1.key }
    let uploaded = UploadedStack(
      source: stack.source, file: stack.path, files: files.map { UploadedFile(path: $0.key, content: $0.value) },
      isLayer: isLayer)
    do throws(ScriptFailure) {
      return try await examiner.read(examiner.completed(uploaded))
    } catch {
      tell("\(stack.path): a stack that is Lua cannot be checked: \(error.message)")
      return nil
    }
  }

  private func isFine(_ stack: ReadStack, in family: StackFamily) -> Bool {
    let file = stack.uploaded.file
    var isFine = true
    var parent: Stack?
    switch family.parent(of: stack) {
    case .none: break
    case .merged(let stack): parent = stack
    case .unknown(let note): tell("\(file): \(note)")
    case .mistake(let error):
      tell("\(file): error: \(error)")
      isFine = false
    }
    if let failure = stack.unreadScripts {
      tell("\(file): the scripts of its hooks cannot be checked: \(failure.message)")
      isFine = false
    }
    let check = stack.check(parent: parent)
    for problem in stack.fileProblems { tell("\(file): error: \(problem)") }
    for diagnostic in check.diagnostics { tell("\(diagnostic)") }
    return isFine && stack.fileProblems.isEmpty && check.isAccepted(strict: true)
  }

  private func tell(_ line: String) { Console.writeError(TerminalText.text(line) + "\n") }
}
