import Crypto
import HTTPServer
import HTTPTypes
import JSON
import StackAPI
import StackModel
import Store

extension JSONAPI {
  @Sendable func listStacks(_ call: Call) async throws -> HTTPResponse {
    try services.gate.check()
    let (limit, token) = try page(of: call)
    let page = try await services.store.stacks(after: token, limit: limit)
    return .json(APIStackPage(stacks: page.elements.map(APIStackSummary.init), next: page.next?.text))
  }

  @Sendable func addStack(_ call: Call) async throws -> HTTPResponse {
    let body = try await body(APIStackAddition.self, of: call, uniqueNames: true)
    var level: LayerLevel?
    if let name = body.level {
      level = LayerLevel(name: name)
      guard level != nil else {
        let known = LayerLevel.allCases.map(\.name).joined(separator: ", ")
        throw Refusal.badRequest("there is no level \"\(name)\"; there are \(known)")
      }
    } else if body.parent != nil {
      throw Refusal.badRequest("only a layer is given a parent; a stack names its own with \"from\"")
    }
    try services.gate.check()
    // In an order of its own, so that what is wrong is told in the same order each time.
    let files = (body.files ?? [:]).sorted { $0.key < $1.key }
    let added = try await services.catalog.add(
      StackCatalog.Addition(
        source: body.source, file: body.file ?? "",
        files: files.map { UploadedFile(path: $0.key, content: Base64.decode($0.value)) },
        replace: body.replace ?? false, strict: body.strict ?? false, level: level, parent: body.parent,
        condition: try StackCondition(call.request.fields), submission: try call.submission(JSON(encoding: body)),
        user: call.caller?.name ?? ""))
    let record = added.record
    var response = HTTPResponse.json(
      APIStackAdded(name: record.name, revision: record.revision, warnings: added.warnings.map(APIDiagnostic.init)),
      status: 201)
    response.fields["ETag"] = EntityTag(record).fieldValue
    if added.isReplayed { response.fields["Idempotency-Replayed"] = "true" }
    return response
  }

  @Sendable func showStack(_ call: Call) async throws -> HTTPResponse {
    try services.gate.check()
    let isMerged = try flag("merged", of: call)
    let record = try await services.catalog.show(call.parameter("stack"), revision: try revision(of: call))
    let stack = isMerged ? try await services.catalog.merged(record) : record.stack
    let yaml = StackYAML.text(stack)
    let tag = isMerged ? EntityTag(record, merged: yaml) : EntityTag(record)
    return try await answer(call, tag) {
      .json(
        APIStackDocument(
          summary: APIStackSummary(record), file: record.file, source: record.source, merged: isMerged, yaml: yaml,
          stack: stack.json))
    }
  }

  @Sendable func listStackFiles(_ call: Call) async throws -> HTTPResponse {
    try services.gate.check()
    let record = try await services.catalog.show(call.parameter("stack"), revision: try revision(of: call))
    return try await answer(call, EntityTag(record)) {
      .json(
        APIStackFileList(
          name: record.name, revision: record.revision,
          files: record.files.map { APIStackFile(path: $0.path, size: $0.size, sha256: $0.content.description) }))
    }
  }

  /// The bytes as they came. What they are is not guessed, and browsers are told not to guess either.
  @Sendable func showStackFile(_ call: Call) async throws -> HTTPResponse {
    try services.gate.check()
    let (record, file) = try await services.catalog.file(
      call.parameter("path"), of: call.parameter("stack"), revision: try revision(of: call))
    return try await answer(call, EntityTag(file.content)) {
      HTTPResponse(
        fields: ["Content-Type": "application/octet-stream", "X-Content-Type-Options": "nosniff"],
        body: .bytes(try await services.catalog.bytes(of: file, in: record)))
    }
  }

  private func revision(of call: Call) throws -> Int? { try number("revision", of: call).map { Int($0) } }

  /// An answer that is kept by whoever asks, and asked for again with its tag: 304 where they have it still.
  private func answer(
    _ call: Call, _ tag: EntityTag, _ body: () async throws -> HTTPResponse
  ) async throws -> HTTPResponse {
    var response =
      if let known = call.request.fields["If-None-Match"], tag.isNamed(by: known) {
        HTTPResponse(status: 304)
      } else {
        try await body()
      }
    response.fields["Cache-Control"] = "private, no-cache"
    response.fields["ETag"] = tag.fieldValue
    return response
  }

  @Sendable func removeStack(_ call: Call) async throws -> HTTPResponse {
    try services.gate.check()
    let removed = try await services.catalog.remove(
      call.parameter("stack"), force: try flag("force", of: call), condition: try StackCondition(call.request.fields))
    return .json(APIStacksRemoved(removed: removed))
  }
}

extension APIStackSummary {
  fileprivate init(_ record: StackRecord) {
    self.init(
      name: record.name, revision: record.revision, from: record.stack.from.isEmpty ? nil : record.stack.from,
      level: record.level?.name, applications: record.stack.applications.count, addedAt: record.addedAt,
      addedBy: record.addedBy)
  }
}
