import Arguments
import StackServer

/// `--bootstrap`: a stack that runs before the server serves.
enum BootstrapOption {
  static let option = Option<String?>.string(
    "bootstrap",
    help: "Run this stack before anything is served: a file, or a folder with stack.lua or stack.yaml.",
    placeholder: "PATH", completion: .files)

  /// - Throws: `InvalidValue` where what it names cannot be read.
  static func stack(_ arguments: ParsedArguments) throws(InvalidValue) -> BootstrapStack? {
    guard let path = arguments[option] else { return nil }
    let stack: LocalStack
    do throws(FileContentsError) {
      stack = try LocalStack(path)
    } catch {
      throw InvalidValue("cannot read the stack that --bootstrap names: \(error)")
    }
    let problems = stack.folder.problems
    guard problems.isEmpty else {
      throw InvalidValue(
        (["cannot take the files of the stack that --bootstrap names:"] + problems).joined(separator: "\n  "))
    }
    return BootstrapStack(source: stack.source, file: stack.path, files: stack.folder.contents)
  }
}
