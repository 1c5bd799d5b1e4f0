import Arguments
import StackModel
import StackServer

/// `--bootstrap`: a stack that runs before the server serves. A file comes with what its hooks run, a folder with all that
/// lies in it.
enum BootstrapOption {
  static let option = Option<String?>.string(
    "bootstrap", help: "Run this stack before anything is served; of a folder its stack.yaml, with all its files.",
    placeholder: "FILE", completion: .files)

  /// - Throws: `InvalidValue` where what it names cannot be read.
  static func stack(_ arguments: ParsedArguments) throws(InvalidValue) -> BootstrapStack? {
    guard let path = arguments[option] else { return nil }
    let isFolder = (try? Path.names(in: path)) != nil
    let file = isFolder ? "\(path.hasSuffix("/") ? path : "\(path)/")stack.yaml" : path
    let source: String
    var folder: StackFolder
    do throws(FileContentsError) {
      source = try FileContents.text(of: file)
      folder = try StackFolder(ofStackFile: file)
    } catch {
      throw InvalidValue("cannot read the stack that --bootstrap names: \(error)")
    }
    if isFolder { folder.add(path) }
    for script in StackDecoding(source, file: file).stack?.scripts ?? [] {
      if let path = script.file { folder.add(below: path) }
    }
    let problems = folder.problems
    guard problems.isEmpty else {
      throw InvalidValue(
        (["cannot take the files of the stack that --bootstrap names:"] + problems).joined(separator: "\n  "))
    }
    return BootstrapStack(source: source, file: file, files: folder.contents)
  }
}
