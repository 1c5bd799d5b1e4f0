import Glibc
import Telemetry

@main
struct StackDeploy {
  static func main() async {
    Console.reserveDescriptors()
    let code = await Program.run(Array(CommandLine.arguments.dropFirst()))
    await Telemetry.flush()
    exit(code)
  }
}
