import HTTPServer
import HTTPTypes
import JSON

/// The cluster's HTTP face: guard, Marathon's API, its event stream, and of Mesos' master and agents what a client reads.
final class ClusterServer: Sendable {
  private static let bodyLimit = 16 << 20

  private let driver: ClusterDriver
  private let api: ClusterAPI
  private let files: TaskFiles
  private let gate: RequestGuard
  private let authority: String

  init(driver: ClusterDriver, files: TaskFiles, gate: RequestGuard) {
    self.driver = driver
    self.files = files
    self.gate = gate
    authority = "\(gate.host):\(gate.port)"
    api = ClusterAPI(master: authority)
  }

  func answer(_ request: HTTPRequest) async -> HTTPResponse {
    switch gate.refusal(of: request.fields) {
    case .foreignHost: return Self.forbidden("the field Host does not name this cluster's loopback address and port")
    case .foreignOrigin: return Self.forbidden("requests from foreign web pages are refused")
    case .unauthorized: return unauthorized(request)
    case nil: break
    }
    let path = request.path.count > 1 && request.path.hasSuffix("/") ? String(request.path.dropLast()) : request.path
    switch path {
    case "/v2/events": return events(request)
    case "/files/read", "/files/read.json":
      return file(request) { () throws(ClusterFault) in
        try files.read(
          path: request.query["path"], offset: request.query["offset"], length: request.query["length"])
      }
    case "/files/browse", "/files/browse.json":
      return file(request) { () throws(ClusterFault) in try files.browse(path: request.query["path"]) }
    case "/state", "/state.json", "/master/state", "/master/state.json":
      return driver.perform { cluster, _ in (self.respond(APIAnswer(cluster.masterState)), []) }
    default: return await marathon(request)
    }
  }

  private func marathon(_ request: HTTPRequest) async -> HTTPResponse {
    let body: [UInt8]
    do { body = try await request.collectBody(upTo: Self.bodyLimit) } catch {
      return respond(APIAnswer(ClusterFault(status: 413, message: "\(error)")))
    }
    let asked = APIRequest(
      method: request.method.rawValue, path: request.path, query: request.query.map { ($0.name, $0.value) },
      accept: request.fields["Accept"], contentType: request.fields["Content-Type"], body: body,
      clientAddress: request.peer.name, authority: authority)
    let answer = driver.perform { [api] cluster, now in api.answer(asked, &cluster, at: now) }
    // A change is answered when it is stored, and a question when what it was answered from is: nobody is told what the end of this process
    // would undo.
    await driver.settle()
    return respond(answer)
  }

  private func file(_ request: HTTPRequest, _ read: () throws(ClusterFault) -> JSON) -> HTTPResponse {
    guard request.method == .get || request.method == .head else { return respond(.wrongMethod) }
    do { return respond(APIAnswer(try read())) } catch { return respond(APIAnswer(error)) }
  }

  private func respond(_ answer: APIAnswer) -> HTTPResponse {
    var fields: HTTPFields = [
      "X-Marathon-Leader": "http://\(authority)", "Cache-Control": "no-cache, no-store, must-revalidate",
      "Pragma": "no-cache", "Expires": "0",
    ]
    for (name, value) in answer.fields { fields.append(name, value) }
    switch answer.content {
    case .none: return HTTPResponse(status: answer.status, fields: fields)
    case .json(let json):
      fields["Content-Type"] = "application/json"
      return HTTPResponse(status: answer.status, fields: fields, body: .bytes(json.bytes))
    case .text(let text):
      fields["Content-Type"] = "text/plain"
      return HTTPResponse(status: answer.status, fields: fields, body: .bytes(Array(text.utf8)))
    }
  }

  private static func forbidden(_ reason: String) -> HTTPResponse {
    HTTPResponse.json(JSON.object(["message": .string("Forbidden: \(reason)")]).bytes, status: 403)
  }

  private func unauthorized(_ request: HTTPRequest) -> HTTPResponse {
    HTTPResponse(
      status: 401,
      fields: [
        "WWW-Authenticate": "basic realm=\"stack-deploy cluster\"",
        "Cache-Control": "must-revalidate,no-cache,no-store", "Content-Type": "application/json",
      ],
      body: .bytes(JSON.object(["message": "Unauthorized: the cluster's credential is in its data folder"]).bytes))
  }

  /// `GET /v2/events`: one frame per event, `plan-format=light` leaves groups out, `event_type` chooses.
  private func events(_ request: HTTPRequest) -> HTTPResponse {
    guard request.method == .get || request.method == .head,
      request.fields["Accept"]?.contains("text/event-stream") == true
    else { return respond(.wrongMethod) }
    let isLight = request.query.all("plan-format").contains("light")
    let types = Set(request.query.all("event_type"))
    let (driver, address) = (driver, request.peer.name)
    var response = respond(APIAnswer(status: 200, .none))
    response.fields["Content-Type"] = "text/event-stream;charset=utf-8"
    response.body = .stream { writer in
      let subscription = driver.hub.subscribe()
      defer {
        driver.hub.unsubscribe(subscription)
        driver.publish("event_stream_detached", ["remoteAddress": .string(address)])
      }
      driver.publish("event_stream_attached", ["remoteAddress": .string(address)])
      for await item in subscription.items {
        switch item {
        case .keepAlive: try await writer.write("\r\n")
        case .notice(let notice) where types.isEmpty || types.contains(notice.type):
          try await writer.write("event: \(notice.type)\r\ndata: \(notice.data(light: isLight).text)\r\n\r\n")
        case .notice: break
        }
      }
    }
    return response
  }
}
