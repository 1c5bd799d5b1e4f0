import Arguments
import ScriptHost
import StackAPI

/// `--script.library DIR`: what the scripts of all stacks can require.
enum ScriptLibrary {
  static let option = Option<String?>.string(
    "script.library", help: "A folder of Lua files that the scripts of all stacks can require.", placeholder: "DIR",
    completion: .files)

  static func modules(_ arguments: ParsedArguments) throws(InvalidValue) -> [ScriptModule] {
    guard let folder = arguments[option] else { return [] }
    let modules: [ScriptModule]
    do throws(FileContentsError) {
      modules = try LuaModules.all(in: folder)
    } catch {
      throw InvalidValue("cannot read the folder that --script.library names: \(error)")
    }
    let problems = APIFileRules.problems(
      of: modules.map { APIFileRules.Candidate(path: $0.path, size: $0.source.count) })
    guard problems.isEmpty else {
      throw InvalidValue((["cannot take the files that --script.library names:"] + problems).joined(separator: "\n  "))
    }
    return modules
  }
}
