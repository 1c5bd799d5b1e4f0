import JSON

extension HostFunctions {
  private static let answer = HostType.record(
    HostRecord(
      name: "HTTPAnswer",
      [
        HostField("status", .integer, doc: "Such as 200. Redirects are not followed: they are answers, too."),
        HostField("headers", .map(.string), doc: "By their names in small letters."),
        HostField("body", .string, .optional, doc: "The body, where it is text in UTF-8."),
        HostField("bytes", .string, .optional, doc: "The body as base64, where it is no text."),
        HostField("json", .json, .optional, doc: "What the body says, where it is JSON."),
      ]))

  private static let url = HostField(
    "url", .string, doc: "Such as `http://HOST:PORT/PATH`, percent-encoded, without user and password.")

  private static let commonOptions = [
    HostField("query", .map(.json), .optional, doc: "Strings, numbers and booleans that are added to the URL."),
    HostField("headers", .map(.string), .optional, doc: "Headers of the request."),
    HostField("timeout", .duration, .standard("30s"), doc: "For all of it; at most `10m`."),
    HostField(
      "limit", .size, .standard(.integer(Int64(HTTPCall.standardAnswer))),
      doc: "How large the answer's body may be; at most `2MiB`."),
  ]
  private static let bodyOptions = [
    HostField("json", .json, .optional, doc: "The body, as JSON. At most 1 MiB."),
    HostField("body", .string, .optional, doc: "The body as it is. At most 1 MiB."),
  ]
  private static let idempotent = HostField(
    "idempotent", .boolean, .standard(false),
    doc: "Whether twice is as good as once: then it is sent again, where a server was killed while it was on its way.")

  private static let putOptions = HostRecord(name: "HTTPPutOptions", commonOptions + bodyOptions)
  private static let postOptions = HostRecord(name: "HTTPPostOptions", commonOptions + bodyOptions + [idempotent])

  static let http: [HostFunction] = [
    request(
      "get", HostRecord(name: "HTTPOptions", commonOptions), recording: .answer,
      "Asks for what is at a URL. Every status is an answer; an error is raised only where there is none."),
    request(
      "post", postOptions, recording: .depends { recording("http.post", $0) },
      """
      Sends something to a URL. Where a server is killed while it is on its way, nobody can tell whether it came there: the run is \
      blocked until a person decides, unless it is `idempotent`.
      """),
    request(
      "put", putOptions, recording: .effect(inDoubt: .repeat),
      "Puts something at a URL. It may be sent twice, where a server is killed."),
    request(
      "delete", putOptions, recording: .effect(inDoubt: .repeat),
      "Removes what is at a URL. It may be sent twice, where a server is killed."),
    request(
      "request", first: HostField("method", .string, doc: "Such as `GET` or `PATCH`."),
      postOptions, recording: .depends { recording("http.request", $0) },
      "Any of the others, or another method, which counts as `post` does."),
  ]

  private static func request(
    _ name: String, first: HostField? = nil, _ options: HostRecord, recording: HostFunction.Recording, _ doc: String
  ) -> HostFunction {
    let name = "http.\(name)"
    return HostFunction(
      name,
      [first, url, HostField("options", .record(options), .optional, doc: "What else.")].compactMap(
        \.self),
      returns: answer, phases: [.hook, .run], errors: [.timeout, .unavailable], recording: recording, doc: doc
    )
    .granted { arguments in
      // The check below has let pass only what can be taken to pieces.
      (try? HTTPCall(name, arguments)).map { .endpoint($0.target.endpoint) } ?? .none
    }
    .checked { (arguments) throws(HostCallFailure) in _ = try HTTPCall(name, arguments) }
    .shown { arguments in (try? HTTPCall(name, arguments))?.shown ?? "" }
    .withTryForm()
  }

  private static func recording(_ name: String, _ arguments: JSONObject) -> HostFunction.Recording {
    (try? HTTPCall(name, arguments))?.recording ?? .effect(inDoubt: .block)
  }
}
