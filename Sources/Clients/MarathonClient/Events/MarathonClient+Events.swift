extension MarathonClient {
  /// - Parameters:
  ///   - types: names such as `status_update_event`, which Marathon is asked for; without any, all events come. Marathon
  ///     keeps silent about names that it does not know.
  ///   - kept: events with other names are dropped here, without being read; nil: none.
  package func events(_ types: [String] = [], keeping kept: Set<String>? = nil) -> MarathonEventStream {
    MarathonEventStream(client: self, types: types, kept: kept)
  }
}
