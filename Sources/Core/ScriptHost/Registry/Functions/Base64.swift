import Crypto
import JSON

extension HostFunctions {
  static let base64: [HostFunction] = [
    HostFunction(
      "base64.encode", [HostField("text", .string, doc: "Text in UTF-8.")], returns: .string,
      recording: .pure { arguments, _ in .result(.string(Base64.encode((arguments.string("text") ?? "").utf8))) },
      doc: "Base64 with padding (RFC 4648)."),
    HostFunction(
      "base64.decode", [HostField("base64", .string, doc: "Base64 with padding, without white space.")],
      returns: .string,
      recording: .pure { arguments, _ in
        guard let bytes = Base64.decode(arguments.string("base64") ?? "") else {
          return .failure(
            HostCallFailure(.invalidArgument, "argument 1 (base64) is not base64 with padding, without white space"))
        }
        guard let text = String(validating: bytes, as: UTF8.self) else {
          return .failure(
            HostCallFailure(.invalidArgument, "argument 1 (base64) stands for bytes that are no text in UTF-8"))
        }
        return .result(.string(text))
      },
      doc: "The text that base64 stands for."),
  ]
}
