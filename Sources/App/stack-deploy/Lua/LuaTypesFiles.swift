import Glibc
import ScriptHost

/// `lua types [DIR]` and `lua reference`: what is made from the registry of host functions.
enum LuaTypesFiles {
  /// Overwrites what an older version has written. Without a folder the annotations go to standard output, one after the other.
  static func write(to folder: String?) -> Int32 {
    guard let folder else {
      for file in LuaAnnotations.files { Console.write("-- \(file.path)\n\(file.text)\n") }
      return ExitCode.success
    }
    for path in [folder, "\(folder)/types"] where mkdir(path, 0o777) != 0 && errno != EEXIST {
      return fail("make the folder \(path)")
    }
    for (path, text) in LuaAnnotations.files {
      let path = "\(folder)/\(path)"
      guard let file = fopen(path, "w") else { return fail("write \(path)") }
      let written = fputs(text, file)
      guard fclose(file) == 0, written >= 0 else { return fail("write \(path)") }
    }
    return ExitCode.success
  }

  static func showReference() -> Int32 {
    Console.write(LuaReference.page)
    return ExitCode.success
  }

  private static func fail(_ what: String) -> Int32 {
    Console.writeError("cannot \(what): \(String(cString: strerror(errno)))\n")
    return ExitCode.failure
  }
}
