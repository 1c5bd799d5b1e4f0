import CMicroHTTPD
import HTTPTypes

// What libmicrohttpd calls, all on its one thread. The pointers it hands back are those that `Daemon.start`,
// `connectionCallback` and `accessCallback` gave it, so they are never nil where they are unwrapped here.

let logCallback: @convention(c) (UnsafeMutableRawPointer?, UnsafePointer<CChar>?) -> Void = { owner, message in
  guard let owner, let message else { return }
  let daemon = Unmanaged<Daemon>.fromOpaque(owner).takeUnretainedValue()
  var text = String(cString: message)
  while text.last?.isNewline == true { text.removeLast() }
  daemon.log(text)
}

let connectionCallback: MHD_NotifyConnectionCallback = { owner, connection, context, code in
  guard let owner, let connection, let context else { return }
  let daemon = Unmanaged<Daemon>.fromOpaque(owner).takeUnretainedValue()
  if code == mhd_connection_started {
    let opened = daemon.watch.open(
      socket: mhd_socket(connection), headerTimeout: daemon.configuration.headerTimeout)
    context.pointee = Unmanaged.passRetained(opened).toOpaque()
  } else if let pointer = context.pointee {
    context.pointee = nil
    daemon.watch.close(Unmanaged<Connection>.fromOpaque(pointer).takeRetainedValue())
  }
}

/// Called when a request line was read, before its fields. The library's own path is useless: it stops at NUL.
let targetCallback:
  @convention(c) (UnsafeMutableRawPointer?, UnsafePointer<CChar>?, OpaquePointer?) -> UnsafeMutableRawPointer? = {
    owner, target, connection in
    guard let owner, let target, let connection, let context = mhd_socket_context(connection) else { return nil }
    let daemon = Unmanaged<Daemon>.fromOpaque(owner).takeUnretainedValue()
    Unmanaged<Connection>.fromOpaque(context).takeUnretainedValue()
      .begin(target: String(validatingCString: target), timeout: daemon.configuration.headerTimeout)
    return nil
  }

let completedCallback: MHD_RequestCompletedCallback = { owner, connection, request, _ in
  guard let owner, let connection, let context = mhd_socket_context(connection) else { return }
  let daemon = Unmanaged<Daemon>.fromOpaque(owner).takeUnretainedValue()
  Unmanaged<Connection>.fromOpaque(context).takeUnretainedValue()
    .endRequest(idleTimeout: daemon.configuration.idleTimeout)
  guard let pointer = request?.pointee else { return }
  request?.pointee = nil
  Unmanaged<Exchange>.fromOpaque(pointer).takeRetainedValue().complete()
}

/// Called once with the head, then with the pieces of the body, then with size 0 until a response is queued.
let accessCallback: MHD_AccessHandlerCallback = {
  owner, connection, target, method, version, data, size, request in
  guard let owner, let connection, let target, let method, let version, let size, let request else {
    return MHD_Result.NO
  }
  let daemon = Unmanaged<Daemon>.fromOpaque(owner).takeUnretainedValue()
  guard let pointer = request.pointee else {
    return daemon.begin(connection, method, target, version, request)
  }
  let exchange = Unmanaged<Exchange>.fromOpaque(pointer).takeUnretainedValue()
  if size.pointee > 0 {
    guard let count = exchange.receive(UnsafeRawBufferPointer(start: data, count: size.pointee)) else {
      return MHD_Result.NO
    }
    size.pointee -= count
    return MHD_Result.YES
  }
  if let response = exchange.answerAtOnce(orBy: daemon.handlers.handler) {
    return daemon.queue(response, of: exchange, on: connection)
  }
  switch exchange.next() {
  case .queue(let response): return daemon.queue(response, of: exchange, on: connection)
  case .refuseTooLarge(let error): return daemon.refuse(connection, status: 413, reason: error.description)
  case .wait: return MHD_Result.YES
  case .breakOff: return MHD_Result.NO
  }
}

extension Daemon {
  /// The head is complete: checks it and starts the handler.
  fileprivate func begin(
    _ connection: OpaquePointer, _ method: UnsafePointer<CChar>, _ url: UnsafePointer<CChar>,
    _ version: UnsafePointer<CChar>, _ request: UnsafeMutablePointer<UnsafeMutableRawPointer?>
  ) -> MHD_Result {
    guard let context = mhd_socket_context(connection) else { return MHD_Result.NO }
    let peer = Unmanaged<Connection>.fromOpaque(context).takeUnretainedValue()
    guard let text = peer.target, let target = RequestTarget(text) else {
      return refuse(connection, status: 400, reason: "the request's target is broken")
    }
    var next: UnsafePointer<CChar>?
    guard mhd_is_request_line(method, url, text.utf8.count, version, &next) else {
      return refuse(connection, status: 400, reason: "the request's first line has a NUL, or blanks where none belong")
    }
    let fields: HTTPFields
    switch FieldReader.fields(of: connection, from: next) {
    case .read(let read): fields = read
    case .refused(let reason): return refuse(connection, status: 400, reason: reason)
    }
    let methodName = String(cString: method)
    let check = RequestCheck(
      method: methodName, target: target, version: String(cString: version), fields: fields,
      bodyLimit: configuration.bodyLimit)
    let bodySize: Int
    switch check {
    case .refused(let status, let reason): return refuse(connection, status: status, reason: reason)
    case .accepted(let size):
      bodySize = size
      peer.setDeadline(after: size > 0 ? configuration.bodyTimeout : nil)
    }

    let method = HTTPMethod(rawValue: methodName)
    let exchange = Exchange(peer: peer, isHead: method == .head, bodyLimit: configuration.bodyLimit, daemon: self)
    guard add(exchange) else { return MHD_Result.NO }
    peer.attach(exchange)
    request.pointee = Unmanaged.passRetained(exchange).toOpaque()
    let complete = HTTPRequest(
      method: method, target: target, fields: Self.withoutTrailingBlanks(fields), peer: peer.peer,
      body: HTTPRequestBody(source: .exchange(exchange)))
    if bodySize <= UploadBuffer.capacity, let answer = handlers.immediate?(complete, bodySize > 0) {
      exchange.wait(with: complete, for: answer, on: connection)
    } else {
      exchange.start(handlers.handler, complete, on: connection)
    }
    return MHD_Result.YES
  }

  /// The library leaves the blanks at the end of a value, which do not belong to it (RFC 9112, 5). They go only after
  /// the check, which has to see what the library sees.
  private static func withoutTrailingBlanks(_ fields: HTTPFields) -> HTTPFields {
    let isBlank: (UInt8?) -> Bool = { $0 == 0x20 || $0 == 0x09 }
    guard fields.contains(where: { isBlank($0.value.utf8.last) }) else { return fields }
    return HTTPFields(
      fields.map { name, value in
        var value = value[...]
        while value.last == " " || value.last == "\t" { value.removeLast() }
        return (name, String(value))
      })
  }
}
