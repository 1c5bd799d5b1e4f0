import CCurl
import Glibc
import HTTPTypes

/// The libcurl handle of one transfer. Only the event thread touches it.
///
/// A fresh one per request: connections live in the multi handle, so nothing is gained by reuse and no option of an
/// earlier request can leak into a later one.
final class CurlHandle {
  private static let bufferSize = 32 * 1024

  let easy: UnsafeMutableRawPointer
  private let transfer: Transfer
  private let allowsAddress: (@Sendable (PeerAddress) -> Bool)?
  private var headers: UnsafeMutablePointer<curl_slist>?
  private let errorText: UnsafeMutablePointer<CChar>
  /// What libcurl has not yet taken of the request's body.
  private var bodyLeft: ArraySlice<UInt8>
  private var parser = ResponseHeadParser()
  /// Why a callback has stopped the transfer; libcurl itself only says that one did.
  private var stopReason: HTTPClientError?
  /// Monotonic milliseconds.
  var lastByte = MonotonicClock.milliseconds()
  /// True while it is this side that does not go on: the reader or the producer of the upload takes its time.
  private(set) var isPaused = false

  init(_ transfer: Transfer, _ configuration: HTTPClient.Configuration) throws(HTTPClientError) {
    guard let easy = curl_easy_init() else {
      throw HTTPClientError(.other, "\(transfer.name): libcurl could not be set up")
    }
    self.easy = easy
    self.transfer = transfer
    self.allowsAddress = configuration.allowsAddress
    bodyLeft = transfer.request.body.map { $0[...] } ?? []
    errorText = .allocate(capacity: Int(CURL_ERROR_SIZE))
    errorText.initialize(repeating: 0, count: Int(CURL_ERROR_SIZE))
    let code = configure(configuration)
    if code != CURLE_OK {
      let error = CurlFailure(code, detail: "", connectError: 0).error(transfer)
      free()
      throw error
    }
  }

  /// After this the object is of no more use.
  func free() {
    curl_easy_cleanup(easy)
    curl_slist_free_all(headers)
    headers = nil
    errorText.deallocate()
  }

  func resume() {
    // First: the call below may run the callbacks, and those may pause again.
    isPaused = false
    lastByte = MonotonicClock.milliseconds()
    curl_easy_pause(easy, CURLPAUSE_CONT)
  }

  func end(_ code: CURLcode) -> TransferState.End {
    if code == CURLE_OK { return .complete }
    let failure = CurlFailure(
      code, detail: String(cString: errorText), connectError: Int32(curlshim_get_long(easy, CURLINFO_OS_ERRNO)))
    return .failed(doubting(stopReason ?? failure.error(transfer)))
  }

  /// When a kept connection breaks, libcurl first makes another one, and only then finds that it cannot send the body again. What keeps it from
  /// that connection is no word about the request that went over the first.
  private func doubting(_ error: HTTPClientError) -> HTTPClientError {
    let isSent = bodyLeft.count < transfer.request.body?.count ?? 0
    guard isSent, error.isBeforeSending else { return error }
    let reason = error.message.hasPrefix("\(transfer.name): ") ? error.message.dropFirst(transfer.name.count + 2) : ""
    return HTTPClientError(
      .closedEarly,
      "\(transfer.name): the connection ended before the answer was complete, and there is no other (\(reason))")
  }
}

// MARK: Options
extension CurlHandle {
  private func configure(_ configuration: HTTPClient.Configuration) -> CURLcode {
    var options = OptionSetter(easy: easy)
    let request = transfer.request
    options.set(CURLOPT_URL, request.url)
    options.set(CURLOPT_PATH_AS_IS, 1)
    options.set(CURLOPT_PROTOCOLS_STR, "http,https")
    options.set(CURLOPT_FOLLOWLOCATION, 0)
    options.set(CURLOPT_PROXY, "")
    options.set(CURLOPT_NOPROXY, "*")
    options.set(CURLOPT_HTTP_VERSION, Int(CURL_HTTP_VERSION_1_1))
    options.set(CURLOPT_NOSIGNAL, 1)
    // Else a cancel while a name is being resolved stops the whole event thread for seconds.
    options.set(CURLOPT_QUICK_EXIT, 1)
    options.set(CURLOPT_TCP_NODELAY, 1)
    options.set(CURLOPT_TCP_KEEPALIVE, 1)
    // Each exchange allocates one. From 64 KiB on the C library tidies its whole heap at every release.
    options.set(CURLOPT_BUFFERSIZE, Self.bufferSize)
    options.set(CURLOPT_SSL_VERIFYPEER, 1)
    options.set(CURLOPT_SSL_VERIFYHOST, 2)
    if let file = configuration.certificateAuthorityFile {
      options.set(CURLOPT_CAINFO, file)
      // A private authority replaces the system's; the file alone would only add to them.
      options.set(CURLOPT_CAPATH, nil)
    }
    if let path = configuration.unixSocketPath { options.set(CURLOPT_UNIX_SOCKET_PATH, path) }
    // The check of a request sees only connections that are made for it.
    if request.addressCheck != nil {
      options.set(CURLOPT_FRESH_CONNECT, 1)
      options.set(CURLOPT_FORBID_REUSE, 1)
    }
    options.set(CURLOPT_CONNECTTIMEOUT_MS, request.connectTimeout.wholeMilliseconds)
    options.set(CURLOPT_TIMEOUT_MS, request.timeout?.wholeMilliseconds ?? 0)
    options.set(CURLOPT_ERRORBUFFER, pointer: errorText)
    if let credentials = request.basicAuthorization {
      options.set(CURLOPT_HTTPAUTH, Int(1))  // CURLAUTH_BASIC
      options.set(CURLOPT_USERNAME, credentials.user)
      options.set(CURLOPT_PASSWORD, credentials.password)
    }
    setMethod(&options)
    setHeaders(&options)
    setCallbacks(&options)
    return options.code
  }

  private func setMethod(_ options: inout OptionSetter) {
    let request = transfer.request
    let method = request.method.rawValue
    switch method {
    case "GET" where request.body == nil && request.upload == nil: break
    case "HEAD": options.set(CURLOPT_NOBODY, 1)
    default:
      if request.upload != nil {
        options.set(CURLOPT_POST, 1)
      } else if hasBody {
        options.set(CURLOPT_POST, 1)
        options.set(CURLOPT_POSTFIELDSIZE, bodyLeft.count)
        options.set(CURLOPT_UPLOAD_BUFFERSIZE, Self.bufferSize)
      } else if request.body != nil || ["POST", "PUT", "PATCH"].contains(method) {
        options.setEmptyBody()
      }
      options.set(CURLOPT_CUSTOMREQUEST, method)
    }
    if ["GET", "HEAD", "OPTIONS"].contains(method) { return }
    // On a kept connection that turns out to be closed libcurl sends the request again. Nobody knows then whether the
    // first one was performed, so a request that may change something must not be sent twice. Of a body that comes from a
    // callback libcurl cannot send a byte again, and ends with CURLE_SEND_FAIL_REWIND before it sends anything else, or with what
    // keeps it from a new connection. Without a byte of the body the peer cannot have performed the request.
    if hasBody {
      // In seconds. Peers close what has been idle for long; that must not leave a change in doubt.
      options.set(CURLOPT_MAXAGE_CONN, 1)
    } else {
      options.set(CURLOPT_FRESH_CONNECT, 1)
    }
  }

  private var hasBody: Bool { !bodyLeft.isEmpty }

  private func setHeaders(_ options: inout OptionSetter) {
    let request = transfer.request
    var lines = ["Expect:"]
    if request.upload != nil { lines.append("Transfer-Encoding: chunked") }
    // libcurl would claim that every body is a form.
    if request.fields["Content-Type"] == nil { lines.append("Content-Type:") }
    for (name, value) in request.fields { lines.append(value.isEmpty ? "\(name);" : "\(name): \(value)") }
    for line in lines {
      guard let longer = curl_slist_append(headers, line) else {
        options.note(CURLE_OUT_OF_MEMORY)
        return
      }
      headers = longer
    }
    options.note(curlshim_set_list(easy, CURLOPT_HTTPHEADER, headers))
  }

  private func setCallbacks(_ options: inout OptionSetter) {
    // Unretained: the event thread keeps this object until the handle has left the multi handle.
    let context = Unmanaged.passUnretained(self).toOpaque()
    options.set(CURLOPT_HEADERDATA, pointer: context)
    options.set(CURLOPT_HEADERFUNCTION) { bytes, size, count, context in
      guard let context else { return 0 }
      let handle = Unmanaged<CurlHandle>.fromOpaque(context).takeUnretainedValue()
      return handle.receive(line: UnsafeRawBufferPointer(start: bytes, count: size * count)) ? size * count : 0
    }
    options.set(CURLOPT_WRITEDATA, pointer: context)
    options.set(CURLOPT_WRITEFUNCTION) { bytes, size, count, context in
      guard let context else { return 0 }
      let handle = Unmanaged<CurlHandle>.fromOpaque(context).takeUnretainedValue()
      handle.lastByte = MonotonicClock.milliseconds()
      switch handle.transfer.receive(bytes: UnsafeRawBufferPointer(start: bytes, count: size * count)) {
      case .taken: return size * count
      case .pause:
        handle.isPaused = true
        return Int(CURL_WRITEFUNC_PAUSE)
      case .abort: return 0
      }
    }
    if hasBody {
      options.set(CURLOPT_READDATA, pointer: context)
      options.set(CURLOPT_READFUNCTION) { buffer, size, count, context in
        guard let context else { return Int(CURL_READFUNC_ABORT) }
        let handle = Unmanaged<CurlHandle>.fromOpaque(context).takeUnretainedValue()
        return handle.provideBody(into: UnsafeMutableRawBufferPointer(start: buffer, count: size * count))
      }
    } else if transfer.request.upload != nil {
      options.set(CURLOPT_READDATA, pointer: context)
      options.set(CURLOPT_READFUNCTION) { buffer, size, count, context in
        guard let context else { return Int(CURL_READFUNC_ABORT) }
        let handle = Unmanaged<CurlHandle>.fromOpaque(context).takeUnretainedValue()
        handle.lastByte = MonotonicClock.milliseconds()
        switch handle.transfer.provide(into: UnsafeMutableRawBufferPointer(start: buffer, count: size * count)) {
        case .bytes(let count): return count
        case .pause:
          handle.isPaused = true
          return Int(CURL_READFUNC_PAUSE)
        case .abort: return Int(CURL_READFUNC_ABORT)
        }
      }
    }
    options.note(
      curlshim_set_open_socket(
        easy,
        { context, _, address in
          guard let context, let address else { return -1 }
          let handle = Unmanaged<CurlHandle>.fromOpaque(context).takeUnretainedValue()
          guard handle.isAllowed(curlshim_address(address)) else { return -1 }
          return curlshim_open_socket(address)
        }, context))
  }

  private func provideBody(into buffer: UnsafeMutableRawBufferPointer) -> Int {
    lastByte = MonotonicClock.milliseconds()
    let part = bodyLeft.prefix(buffer.count)
    buffer.copyBytes(from: part)
    bodyLeft = bodyLeft.dropFirst(part.count)
    return part.count
  }

  private func receive(line: UnsafeRawBufferPointer) -> Bool {
    lastByte = MonotonicClock.milliseconds()
    switch parser.handle(line: line) {
    case .incomplete: return true
    case .complete:
      transfer.receive(head: parser.head)
      return true
    case .tooLarge:
      stopReason = HTTPClientError(
        .tooLarge, "\(transfer.name): the answer has more than \(ResponseHeadParser.limit) bytes of headers")
      return false
    case .malformed:
      stopReason = HTTPClientError(.invalidResponse, "\(transfer.name): the answer's head is not HTTP/1")
      return false
    }
  }

  /// libcurl asks before every new connection. A kept connection was asked for when it was made, by the client's policy, which
  /// is the same for all; a request with a check of its own takes none.
  private func isAllowed(_ address: UnsafePointer<sockaddr>) -> Bool {
    let checks = [allowsAddress, transfer.request.addressCheck].compactMap { $0 }
    if checks.isEmpty { return true }
    guard let peer = PeerAddress(address), checks.allSatisfy({ $0(peer) }) else {
      stopReason = HTTPClientError(
        .addressRefused, "\(transfer.name): connections to the address of this host are not allowed here")
      return false
    }
    stopReason = nil
    return true
  }
}
