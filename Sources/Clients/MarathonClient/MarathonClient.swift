package import Concurrency
package import HTTPClient
package import HTTPTypes

/// The v2 API of Marathon (1.6 to 1.11; older ones as far as they agree).
///
/// At most `requestLimit` requests are on their way at once, others wait in line; event streams do not count. A request
/// that cannot have reached an endpoint is sent to the next one; nothing else is ever repeated here.
package final class MarathonClient: Sendable {
  package struct Configuration: Sendable {
    package var endpoints: MarathonEndpoints
    /// In place of those in the endpoints.
    package var credentials: BasicAuthorization?
    package var requestLimit: Int
    package var connectTimeout: Duration
    /// For a whole answer.
    package var timeout: Duration
    /// Bytes of an answer.
    package var answerLimit: Int
    package var events: MarathonEventStream.Settings

    package init(
      endpoints: MarathonEndpoints, credentials: BasicAuthorization? = nil, requestLimit: Int = 32,
      connectTimeout: Duration = .seconds(5), timeout: Duration = .seconds(60), answerLimit: Int = 64 << 20,
      events: MarathonEventStream.Settings = MarathonEventStream.Settings()
    ) {
      self.endpoints = endpoints
      self.credentials = credentials
      self.requestLimit = requestLimit
      self.connectTimeout = connectTimeout
      self.timeout = timeout
      self.answerLimit = answerLimit
      self.events = events
    }
  }

  package let configuration: Configuration
  let http: HTTPClient
  let time: any TimeSource
  let permits: AsyncSemaphore
  let choice: Locked<EndpointChoice>

  package init(_ configuration: Configuration, http: HTTPClient, time: any TimeSource = SystemTime()) {
    self.configuration = configuration
    self.http = http
    self.time = time
    permits = AsyncSemaphore(limit: max(1, configuration.requestLimit))
    choice = Locked(EndpointChoice(count: configuration.endpoints.urls.count))
  }

  /// - Parameters:
  ///   - endpoints: see ``MarathonEndpoints``; the first that can be reached is used.
  ///   - limit: requests at once.
  package convenience init(
    endpoints: [String], credentials: BasicAuthorization? = nil, httpClient: HTTPClient, limit: Int = 32,
    time: any TimeSource = SystemTime()
  ) throws(MarathonError) {
    self.init(
      Configuration(
        endpoints: try MarathonEndpoints(parsing: endpoints), credentials: credentials, requestLimit: limit),
      http: httpClient, time: time)
  }

  var credentials: BasicAuthorization? { configuration.credentials ?? configuration.endpoints.credentials }
}
