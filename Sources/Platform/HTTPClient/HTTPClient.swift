/// HTTP/1.1 requests over libcurl: answers and uploads are streams with back-pressure, cancelling a task closes its
/// connection at once, connections are kept and reused.
///
/// One thread of its own drives all exchanges, so a client is made once and shared. It ends with ``shutdown()``, or when
/// neither the client nor a body of it is in use any more.
package final class HTTPClient: Sendable {
  package struct Configuration: Sendable {
    /// PEM file with the only authorities to trust, in place of the system's.
    package var certificateAuthorityFile: String?
    /// The Unix socket that all connections go to, whatever the host in a URL; nil: TCP.
    package var unixSocketPath: String?
    /// Idle connections that are kept at most.
    package var keptConnections: Int
    /// Asked with every address before it is connected to.
    package var allowsAddress: (@Sendable (PeerAddress) -> Bool)?

    package init(
      certificateAuthorityFile: String? = nil, unixSocketPath: String? = nil, keptConnections: Int = 256,
      allowsAddress: (@Sendable (PeerAddress) -> Bool)? = nil
    ) {
      self.certificateAuthorityFile = certificateAuthorityFile
      self.unixSocketPath = unixSocketPath
      self.keptConnections = keptConnections
      self.allowsAddress = allowsAddress
    }
  }

  private let thread: EventThread

  package init(_ configuration: Configuration = Configuration()) {
    thread = EventThread(configuration)
  }

  deinit { thread.post(.stop) }

  /// Sends the request and returns with the head of the answer; the body is then read from the answer.
  ///
  /// With an upload it returns when the upload is over too, which is early when the answer is a refusal (status 300 and
  /// above). An answer of more than ``Transfer/receiveLimit`` bytes that comes before the upload is over stalls until
  /// the upload is: a peer that echoes while it reads is not served by this call.
  package func send(_ request: HTTPClientRequest) async throws(HTTPClientError) -> HTTPClientResponse {
    try await send(request, isWhole: false)
  }

  /// Sends the request and returns with the whole answer: as `send` and `collect`, but the task waits once, and not for
  /// each part of the answer.
  package func fetch(
    _ request: HTTPClientRequest, upTo limit: Int
  ) async throws(HTTPClientError) -> (head: HTTPClientResponse, body: [UInt8]) {
    let response = try await send(request, isWhole: true)
    return (response, try await response.collect(upTo: limit))
  }

  private func send(
    _ request: HTTPClientRequest, isWhole: Bool
  ) async throws(HTTPClientError) -> HTTPClientResponse {
    try request.check()
    let transfer = Transfer(request, isWhole: isWhole, on: thread)
    // Made first: however this function is left, the transfer ends with the body.
    let body = HTTPClientBody(transfer, of: self)
    let head = try await exchange(transfer, request.upload).get()
    return HTTPClientResponse(status: head.status, fields: head.fields, body: body)
  }

  private func exchange(_ transfer: Transfer, _ upload: HTTPClientUpload?) async -> TransferState.HeadResult {
    guard let upload else { return await transfer.start() }
    return await withTaskCancellationHandler {
      await withTaskGroup(of: Void.self) { group in
        group.addTask { await transfer.send(upload) }
        let head = await transfer.start()
        if case .success(let head) = head, head.status < 300 {
          await group.waitForAll()
        } else {
          group.cancelAll()
        }
        return head
      }
    } onCancel: {
      transfer.cancel()
    }
  }

  /// Ends all exchanges with ``HTTPClientError/Code/shutDown`` and closes all connections. Returns at once; later
  /// requests fail.
  package func shutdown() {
    thread.post(.stop)
  }
}
