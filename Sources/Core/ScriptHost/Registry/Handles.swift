import JSON

extension HostHandle {
  /// An application on the cluster. As JSON `{"id": "/web", "endpoints": ["agent-1:31000"]}`.
  package static let app = HostHandle(
    kind: "app", doc: "An application on the cluster, as the answer described it that it came with.",
    fields: [
      HostField(
        "endpoints", .list(.string), .optional,
        doc: "`host:port` of each instance that runs, the healthy ones first; the port is the first one.")
    ],
    methods: [
      Method(
        name: "endpoint", parameters: [], result: .string,
        doc: "`host:port` of an instance, a healthy one if there is one. Raises `unavailable` while none runs.",
        source: """
          function(self)
            if kind(self) ~= "table" then misuse("app:endpoint", "is called with a colon: app:endpoint()") end
            local list = self.endpoints
            if list == nil or #list == 0 then
              raise { code = "unavailable", op = "app:endpoint", message = "no instance of " .. self.id .. " runs", retryable = true }
            end
            return list[1]
          end
          """),
      Method(
        name: "url",
        parameters: [HostField("path", .string, .standard("/"), doc: "The path, with a query if there is one.")],
        result: .string, doc: "The address of a path on the endpoint, with `http://`.",
        source: """
          function(self, path)
            if kind(self) ~= "table" then misuse("app:url", "is called with a colon: app:url(path)") end
            if path == nil then path = "/" end
            if kind(path) ~= "string" then misuse("app:url", "argument 1 (path) must be a string, is a " .. kind(path)) end
            if path:sub(1, 1) ~= "/" then path = "/" .. path end
            return "http://" .. self:endpoint() .. path
          end
          """),
    ])
}
