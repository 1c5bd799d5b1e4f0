import Glibc
import Telemetry

@main
struct StackDeploy {
  static func main() async {
    Console.reserveDescriptors()
    let code = await Program.run(Array(CommandLine.arguments.dropFirst()))
    await Telemetry.flush()
    // Not `exit`: it would let OpenSSL clean up under the hands of threads that still use it, such as that of an HTTP
    // client which closes its connections. Nothing here is left to it: output goes out without a buffer.
    _exit(code)
  }
}
