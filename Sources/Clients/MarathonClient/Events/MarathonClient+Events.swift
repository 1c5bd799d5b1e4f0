extension MarathonClient {
  /// - Parameter types: names such as `status_update_event`; without any, all events come. Marathon keeps silent about
  ///   names that it does not know.
  package func events(_ types: [String] = []) -> MarathonEventStream {
    MarathonEventStream(client: self, types: types)
  }
}
