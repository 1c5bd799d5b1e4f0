import CCurl
import Glibc

/// What libcurl says about a failed transfer, in our terms.
struct CurlFailure {
  private let code: CURLcode
  /// libcurl's own sentence. It may name host and port, never the URL's query or credentials.
  private let detail: String
  /// `errno` of the last connection attempt.
  private let connectError: Int32

  init(_ code: CURLcode, detail: String, connectError: Int32) {
    self.code = code
    self.detail = detail
    self.connectError = connectError
  }

  func error(_ transfer: Transfer) -> HTTPClientError {
    let (kind, sentence) = cause(transfer.request)
    return HTTPClientError(kind, "\(transfer.name): \(sentence)")
  }

  private var reason: String { detail.isEmpty ? String(cString: curl_easy_strerror(code)) : detail }

  private func cause(_ request: HTTPClientRequest) -> (HTTPClientError.Code, String) {
    switch code {
    case CURLE_URL_MALFORMAT:
      (.invalidURL, "this is no URL that can be requested")
    case CURLE_UNSUPPORTED_PROTOCOL, CURLE_WEIRD_SERVER_REPLY, CURLE_HTTP2, CURLE_BAD_CONTENT_ENCODING:
      (.invalidResponse, "the answer is not HTTP/1 (\(reason))")
    case CURLE_COULDNT_RESOLVE_HOST, CURLE_COULDNT_RESOLVE_PROXY:
      (.nameResolution, "the host name cannot be resolved (\(reason))")
    case CURLE_COULDNT_CONNECT where connectError == ECONNREFUSED:
      (.connectionRefused, "connection refused; nothing listens there")
    case CURLE_COULDNT_CONNECT:
      (.unreachable, "no connection (\(connectError == 0 ? reason : String(cString: strerror(connectError))))")
    // libcurl's sentence begins with what it was doing: "Resolving", "Connection", "Operation".
    case CURLE_OPERATION_TIMEDOUT where detail.hasPrefix("Operation"):
      (.timeout, "not done within \(request.timeout ?? request.connectTimeout)")
    case CURLE_OPERATION_TIMEDOUT:
      (
        .connectTimeout,
        "no connection within \(min(request.timeout ?? request.connectTimeout, request.connectTimeout))"
      )
    case CURLE_SSL_CACERT_BADFILE:
      (.tls, "TLS: the file with the authorities to trust cannot be read, or has no certificate (\(reason))")
    case CURLE_SSL_CONNECT_ERROR, CURLE_PEER_FAILED_VERIFICATION, CURLE_SSL_CERTPROBLEM,
      CURLE_SSL_CIPHER, CURLE_SSL_ISSUER_ERROR, CURLE_SSL_INVALIDCERTSTATUS, CURLE_SSL_ENGINE_NOTFOUND:
      (.tls, "TLS: \(reason)")
    case CURLE_GOT_NOTHING, CURLE_PARTIAL_FILE, CURLE_RECV_ERROR, CURLE_SEND_ERROR, CURLE_SEND_FAIL_REWIND:
      (.closedEarly, "the connection ended before the answer was complete (\(reason))")
    default:
      (.other, reason)
    }
  }
}
