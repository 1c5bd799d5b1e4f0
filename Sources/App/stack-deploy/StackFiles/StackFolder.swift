import Crypto
import Glibc
import StackAPI
import StackModel

/// The folder that a stack's file lies in, and what of it is to be sent with the stack: what `--with` names, by its path
/// below the folder, and what its hooks run. Nothing outside of the folder is read, whatever a link points to.
struct StackFolder {
  /// Without links, and without a slash at its end.
  private let root: String
  /// The stack's own file, which is sent anyway; nil for standard input.
  private let stackFile: FileIdentity?
  private var files: [String: [UInt8]] = [:]
  /// Bytes of `files`.
  private var total = 0
  /// Paths of `candidates`, compared as the system does.
  private var seen: Set<[UInt8]> = []
  /// Looked at in this order, each once; with sizes also of those that are too large to be read.
  private var candidates: [APIFileRules.Candidate] = []
  private var ownProblems: [String] = []

  /// - Parameter path: of the stack's file; `-` is standard input, whose folder is the current one.
  init(ofStackFile path: String) throws(FileContentsError) {
    let folder = path == "-" ? "." : Path.parent(of: path)
    guard let root = Path.real(folder) else { throw FileContentsError(folder, errno: errno) }
    self.root = root == "/" ? "" : root
    stackFile = path == "-" ? nil : FileIdentity(path)
  }

  /// What keeps the files from being sent, a sentence each.
  var problems: [String] { ownProblems + APIFileRules.problems(of: candidates) }

  /// By path.
  /// - Precondition: there are no problems.
  var contents: [String: [UInt8]] { files }

  /// As they are sent: base64 by path. Nil where there are none.
  /// - Precondition: there are no problems.
  var encoded: [String: String]? { files.isEmpty ? nil : files.mapValues { Base64.encode($0) } }

  /// Takes a file, or all files below a folder but hidden ones.
  /// - Parameter given: relative to the current folder, as everything on a command line.
  mutating func add(_ given: String) {
    // What it is called itself stays, if it is a link; where it lies is told without links.
    let name = Path.lastName(of: given)
    let isNamed = !["", ".", ".."].contains(name)
    guard let place = Path.real(isNamed ? Path.parent(of: given) : given), Path.exists(given) else {
      let reason = String(cString: strerror(errno))
      let hint =
        Path.exists("\(root)/\(given)") ? "; did you mean \(root)/\(given)? It is looked for from here" : ""
      ownProblems.append("\(given): \(reason)\(hint)")
      return
    }
    let full = isNamed ? (place == "/" ? "/\(name)" : "\(place)/\(name)") : place
    guard let path = relative(full) else {
      ownProblems.append("\(given): it does not lie in \(root.isEmpty ? "/" : root), the folder of the stack's file")
      return
    }
    add(path: path, shown: given, above: [])
  }

  /// Whether a path, relative to the current folder, leads to the folder or into it.
  func contains(_ given: String) -> Bool { Path.real(given).flatMap(relative) != nil }

  /// Takes what the text of a Lua file names, and what these name: modules that it requires, and files of hooks. What is not there is left to the
  /// server to tell: it may stand in a comment.
  mutating func addLua(namedIn source: String) {
    var rest = [source]
    while let text = rest.popLast() {
      for path in LuaNames.paths(in: text)
      where StackFilePath.problems(of: path).isEmpty && !seen.contains(Array(path.utf8)) && Path.exists(full(path)) {
        add(below: path)
        if let bytes = files[path] { rest.append(String(decoding: bytes, as: UTF8.self)) }
      }
    }
  }

  /// Takes a file of the folder.
  mutating func add(below path: String) { add(path: path, shown: path, above: []) }

  /// - Parameters:
  ///   - path: below the root; empty is the root itself.
  ///   - above: the folders that it was found in.
  private mutating func add(path: String, shown: String, above: [FileIdentity]) {
    guard let real = Path.real(full(path)) else {
      let error = errno
      let leadsNowhere = error == ENOENT && Path.exists(full(path))
      let reason = leadsNowhere ? "it is a link that leads nowhere" : String(cString: strerror(error))
      return ownProblems.append("\(shown): \(reason)")
    }
    guard relative(real) != nil else {
      return ownProblems.append("\(shown): it is a link that leads out of the stack's folder, to \(real)")
    }
    var status = stat()
    guard stat(real, &status) == 0 else {
      return ownProblems.append("\(shown): \(String(cString: strerror(errno)))")
    }
    switch status.st_mode & S_IFMT {
    case S_IFDIR: addFolder(path, shown, FileIdentity(status), above)
    case S_IFREG: addFile(path, real, shown, status)
    default: ownProblems.append("\(shown): it is neither a file nor a folder")
    }
  }

  private mutating func addFolder(_ path: String, _ shown: String, _ identity: FileIdentity, _ above: [FileIdentity]) {
    guard !above.contains(identity) else {
      return ownProblems.append("\(shown): it is a link to a folder that it lies in")
    }
    let names: [String?]
    do throws(FileContentsError) {
      names = try Path.names(in: full(path))
    } catch {
      return ownProblems.append("\(error)")
    }
    for name in names where name?.hasPrefix(".") != true {
      // One more than there may be is enough to say that there are too many.
      guard candidates.count <= APIFileRules.largestCount else { return }
      guard let name else {
        ownProblems.append("\(shown): a name in it is not UTF-8")
        continue
      }
      add(
        path: path.isEmpty ? name : "\(path)/\(name)", shown: shown.hasSuffix("/") ? shown + name : "\(shown)/\(name)",
        above: above + [identity])
    }
  }

  private mutating func addFile(_ path: String, _ real: String, _ shown: String, _ status: stat) {
    guard FileIdentity(status) != stackFile, seen.insert(Array(path.utf8)).inserted else { return }
    var candidate = APIFileRules.Candidate(path: path, size: Int(status.st_size))
    // What may not be sent is not read either.
    if candidate.size <= APIFileRules.largestSize, total <= APIFileRules.largestTotal {
      do throws(FileContentsError) {
        let bytes = try FileContents.bytes(of: real)
        files[path] = bytes
        candidate.size = bytes.count
        total += bytes.count
      } catch {
        return ownProblems.append("\(error)")
      }
    }
    candidates.append(candidate)
  }

  private func full(_ path: String) -> String { path.isEmpty ? (root.isEmpty ? "/" : root) : "\(root)/\(path)" }

  /// What leads from the root to there; nil if it lies elsewhere. By bytes, as the system compares.
  private func relative(_ path: String) -> String? {
    if path.utf8.elementsEqual(full("").utf8) { return "" }
    let start = Array("\(root)/".utf8)
    return path.utf8.starts(with: start) ? String(path.utf8.dropFirst(start.count)) : nil
  }
}

/// Which file it is, whatever it is called.
private struct FileIdentity: Hashable {
  let device: dev_t
  let number: ino_t

  init(_ status: stat) {
    device = status.st_dev
    number = status.st_ino
  }

  init?(_ path: String) {
    var status = stat()
    guard stat(path, &status) == 0 else { return nil }
    self.init(status)
  }
}
