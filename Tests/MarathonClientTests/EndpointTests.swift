import HTTPClient
import HTTPServer
import HTTPTypes
import MarathonClient
import Testing

struct EndpointTests {
  @Test(arguments: [
    (["http://m:8080"], ["http://m:8080"]),
    (["http://m:8080/x/y?z"], ["http://m:8080"]),
    (["http://m"], ["http://m"]),
    (["HTTPS://m:443/"], ["https://m:443"]),
    (["http://a:1,b:2"], ["http://a:1", "http://b:2"]),
    (["http://a:1,http://b:2/path,https://c"], ["http://a:1", "http://b:2", "https://c"]),
    (["http://a:1", "http://b:2", "http://a:1/"], ["http://a:1", "http://b:2"]),
    (["http://[::1]:8080,[fe80::1]"], ["http://[::1]:8080", "http://[fe80::1]"]),
    (["http://u:p%40w@a:1,b:2"], ["http://a:1", "http://b:2"]),
  ])
  func addresses(given: [String], urls: [String]) throws {
    #expect(try MarathonEndpoints(parsing: given).urls == urls)
  }

  @Test func credentialsInTheAddress() throws {
    let endpoints = try MarathonEndpoints(parsing: ["http://u:p%40:w@a:1"])
    #expect(endpoints.credentials == BasicAuthorization(user: "u", password: "p@:w"))
  }

  @Test(arguments: [
    ([], "none is given"), (["m:8080"], "write http://m:8080"), ([""], "no scheme"), (["ftp://m"], "neither http"),
    (["http://"], "names no host"), (["http://:80"], "names no host"), (["http://m:0"], "0 is no port"),
    (["http://m:70000"], "70000 is no port"), (["http://m:"], "nothing is no port"), (["http://a:1,,b:2"], "no host"),
    (["http://m:80x"], "80x is no port"), (["http://u:secret%zz@m:1"], "not percent-encoded"),
  ])
  func refusals(given: [String], sentence: String) throws {
    let error = #expect(throws: MarathonError.self) { try MarathonEndpoints(parsing: given) }
    #expect(error?.code == .invalidEndpoint)
    #expect(error?.description.contains(sentence) == true, "\(String(describing: error))")
    #expect(error?.description.contains("secret") == false)
  }

  @Test func theFirstThatCanBeReachedIsTakenAndKept() async throws {
    let first = try ReplayServer([.json(#"{"name":"marathon","version":"1"}"#)])
    let second = try ReplayServer([.json(#"{"name":"marathon","version":"2"}"#)])
    let client = try MarathonClient(
      endpoints: ["http://127.0.0.1:1", first.url, second.url], httpClient: HTTPClient())
    #expect(try await client.info().version == "1")
    #expect(try await client.info().version == "1")
    await first.stop()
    // A change that cannot have reached anybody goes to the next one too.
    second.answer(.json(#"{"deploymentId":"d","version":"v"}"#))
    #expect(try await client.restartApp("/a").deploymentID == "d")
    #expect(second.seen.map(\.target) == ["/v2/apps/a/restart?force=false"])
    await second.stop()
    let error = await #expect(throws: MarathonError.self) { try await client.info() }
    #expect(error?.code == .transport)
    #expect(error?.isRetryable == true)
    #expect(error?.mayHaveHappened == false)
    #expect(error?.description.contains("connection refused") == true)
  }
}
