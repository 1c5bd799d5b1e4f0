import JSON
import StackModel

extension HostFunctions {
  static let yaml: [HostFunction] = [
    HostFunction(
      "yaml.parse", [HostField("text", .string, doc: "One document, at most 1 MiB.")], returns: .nullable(.json),
      recording: .pure { arguments, _ in
        do throws(YAMLTextError) {
          return .result(try YAMLText.json(Array((arguments.string("text") ?? "").utf8), limits: yamlLimits))
        } catch {
          return .failure(HostCallFailure(.invalidArgument, "argument 1 (text) is no YAML: \(error)"))
        }
      },
      doc: """
        The value of a YAML text, by the rules of stacks: `yes` and `on` are true, aliases and `<<` are followed, keys are text. \
        An empty text is nil.
        """
    ).swelling(),
    HostFunction(
      "yaml.format", [HostField("value", .json, doc: "What JSON has.")], returns: .string,
      recording: .pure { arguments, _ in .result(.string(StackYAML.text(arguments["value"] ?? .null))) },
      doc: "The value as YAML, in blocks."),
  ]

  /// A script's text costs the host's time, and its aliases the host's memory.
  private static let yamlLimits: YAMLLimits = {
    var limits = YAMLLimits()
    limits.size = 1 << 20
    limits.depth = 60
    limits.nodes = 100_000
    limits.aliasedNodes = 100_000
    limits.aliasedBytes = 4 << 20
    return limits
  }()
}
