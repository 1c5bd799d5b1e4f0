@main
struct StackDeploy {
  static func main() {}
}
