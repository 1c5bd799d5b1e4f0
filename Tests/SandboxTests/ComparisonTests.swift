import Processes
import TestFolders
import Testing

/// The functions that the sandbox replaces, against stock Lua 5.4.
struct ComparisonTests {
  /// 100,000 random inputs and more for `table.sort`, `pairs`, `next`, `math.random`, `tostring` and the others, errors included. What differs on
  /// purpose (docs/lua.md) the script leaves out.
  @Test(.timeLimit(.minutes(2))) func theSameAsStockLua() async throws {
    let folder = try TemporaryFolder()
    let script = try Files.resource("scripts/comparison.lua")
    async let stock = runProgram("lua5.4", [script], in: folder)
    async let ours = runProgram(
      HelperLocation.find("stack-deploy"), ["lua", "run", "--cpu", "60s", "--timeout", "100s", script], in: folder)
    let ((stockStatus, stockOutput), (ourStatus, ourOutput)) = try await (stock, ours)
    #expect(stockStatus == .exited(0))
    #expect(ourStatus == .exited(0), "\(ourOutput.suffix(300))")
    let (expected, found) = (stockOutput.split(separator: "\n"), ourOutput.split(separator: "\n"))
    #expect(expected.count > 2000)
    #expect(expected.count == found.count)
    for (stockLine, ourLine) in zip(expected, found) where stockLine != ourLine {
      let (a, b) = (stockLine.split(separator: "|"), ourLine.split(separator: "|"))
      for (x, y) in zip(a, b) where x != y { Issue.record("stock \(x), here \(y)") }
      return
    }
  }
}
