import Arguments
import Glibc
import Testing

struct CompletionTests {
  /// What bash offers for the last of the words.
  private func offered(_ words: String...) throws -> [String] {
    let list = words.map { "'\($0)'" }.joined(separator: " ")
    let script = """
      stack-deploy() { [ "$1" = list ] && printf 'alpha\\nbeta\\n'; }
      \(Fixture.commands.completionScript(for: .bash))
      COMP_WORDS=(\(list)); COMP_CWORD=\(words.count - 1)
      _stack_deploy
      printf '%s\\n' "${COMPREPLY[@]}"
      """
    return try output(of: script).split(separator: "\n").map(String.init)
  }

  private func output(of script: String) throws -> String {
    var path = Array("/tmp/stack-deploy-completion-XXXXXX".utf8CString)
    let file = mkstemp(&path)
    try #require(file >= 0)
    let name = String(decoding: path.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
    defer { unlink(name) }
    let bytes = Array(script.utf8)
    try #require(write(file, bytes, bytes.count) == bytes.count)
    close(file)
    let pipe = try #require(popen("bash --norc \(name)", "r"))
    defer { pclose(pipe) }
    var text = ""
    var buffer = [CChar](repeating: 0, count: 4096)
    while fgets(&buffer, Int32(buffer.count), pipe) != nil {
      text += String(decoding: buffer.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }
    return text
  }

  @Test func bashOffersCommandsFlagsAndValues() throws {
    #expect(try offered("stack-deploy", "look", "") == ["one", "two"])
    #expect(try offered("stack-deploy", "look", "one", "t") == ["two"])
    #expect(try offered("stack-deploy", "st") == ["status", "stop"])
    #expect(try offered("stack-deploy", "run", "s", "--") == ["--zone", "--max.wait", "--var", "--force", "--help"])
    #expect(try offered("stack-deploy", "status", "-o", "") == ["table", "json", "yaml"])
    #expect(try offered("stack-deploy", "status", "--output", "=", "j") == ["json"])
    #expect(try offered("stack-deploy", "status", "--output", "=") == ["table", "json", "yaml"])
    #expect(try offered("stack-deploy", "run", "") == ["alpha", "beta"])
    #expect(try offered("stack-deploy", "run", "b") == ["beta"])
    #expect(try offered("stack-deploy", "run", "s", "--zone", "") == [])
    #expect(try offered("stack-deploy", "add", "--file", "/etc/hostna") == ["/etc/hostname"])
  }

  @Test func zshDescribesCommandsAndFlags() {
    let script = Fixture.commands.completionScript(for: .zsh)
    #expect(script.hasPrefix("#compdef stack-deploy\n"))
    #expect(script.contains("'status:Show a run'"))
    #expect(script.contains("'--output[Form of the output.]:table|json|yaml:(table json yaml)'"))
    #expect(script.contains("'*--var[A variable.]:K=V: '"))
    #expect(script.contains("'*:PATH:(one two)'"))
    #expect(script.contains("'--file[Stack file.]:TEXT:_files'"))
  }

  @Test func fishDescribesCommandsAndFlags() {
    let lines = Fixture.commands.completionScript(for: .fish).split(separator: "\n")
    #expect(lines.contains("complete -c stack-deploy -n __fish_use_subcommand -a status -d 'Show a run'"))
    #expect(
      lines.contains(
        "complete -c stack-deploy -n '__fish_seen_subcommand_from status' -l output -s o -x -a 'table json yaml'"
          + " -d 'Form of the output.'"))
    #expect(
      lines.contains("complete -c stack-deploy -n '__fish_seen_subcommand_from add' -l file -r -F -d 'Stack file.'"))
    #expect(
      lines.contains(
        "complete -c stack-deploy -n '__fish_seen_subcommand_from run' -a '(stack-deploy list 2>/dev/null)'"))
  }
}
