import HTTPServer
import HTTPTypes
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
    let body = try await body(APIStackAddition.self, of: call)
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
    let (record, warnings) = try await services.catalog.add(
      StackCatalog.Addition(
        source: body.source, file: body.file ?? "", replace: body.replace ?? false, strict: body.strict ?? false,
        level: level, parent: body.parent, condition: try StackCondition(call.request.fields),
        user: call.caller?.name ?? ""))
    var response = HTTPResponse.json(
      APIStackAdded(name: record.name, revision: record.revision, warnings: warnings.map(APIDiagnostic.init)),
      status: 201)
    response.fields["ETag"] = EntityTag(record).fieldValue
    return response
  }

  @Sendable func showStack(_ call: Call) async throws -> HTTPResponse {
    try services.gate.check()
    let revision = try number("revision", of: call).map { Int($0) }
    let isMerged = try flag("merged", of: call)
    let record = try await services.catalog.show(call.parameter("stack"), revision: revision)
    let stack = isMerged ? try await services.catalog.merged(record) : record.stack
    let yaml = StackYAML.text(stack)
    let tag = isMerged ? EntityTag(record, merged: yaml) : EntityTag(record)
    var response =
      if let known = call.request.fields["If-None-Match"], tag.isNamed(by: known) {
        HTTPResponse(status: 304)
      } else {
        HTTPResponse.json(
          APIStackDocument(
            summary: APIStackSummary(record), file: record.file, source: record.source, merged: isMerged, yaml: yaml,
            stack: stack.json))
      }
    // Kept by whoever asks, and asked for again with its tag.
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
