import HTTPTypes
import JSON
import MarathonClient
import Testing

/// Every recorded event, from the scenarios and from the raw streams, whole and cut.
struct RecordedEventsTests {
  /// Events that have no form of their own here.
  private static let untyped: Set<String> = [
    "add_health_check_event", "remove_health_check_event", "pod_created_event", "pod_deleted_event",
    "unknown_instance_terminated_event",
  ]

  private func check(_ event: MarathonEvent, _ type: String, _ place: String) {
    guard case .other(let other, _) = event else {
      #expect(!Self.untyped.contains(type), "\(place): \(type)")
      return
    }
    #expect(other == type, "\(place)")
    #expect(Self.untyped.contains(type), "\(place): \(type) has become .other")
  }

  @Test(arguments: Recording.versions)
  func everyEventOfEveryScenario(version: String) throws {
    let recording = Recording(version: version)
    var counts: [String: Int] = [:]
    for scenario in recording.names(".json") {
      for (type, data) in try recording.events(scenario) {
        check(MarathonEvent(type: type, data), type, "\(version)/\(scenario)")
        counts[type, default: 0] += 1
      }
    }
    let list = counts.sorted { $0.value > $1.value }.map { "\($0.key) \($0.value)" }.joined(separator: ", ")
    print("\(version): \(counts.values.reduce(0, +)) events: \(list)")
    #expect(counts.values.reduce(0, +) > 1500)
  }

  @Test(arguments: Recording.versions)
  func everyRawStreamCutAtRandom(version: String) throws {
    let recording = Recording(version: version)
    var random = SeededRandom(seed: 20_261_125)
    var total = 0
    for name in recording.names(".txt") {
      let (bytes, types) = try recording.rawStream(name)
      for round in 0..<2 {
        var decoder = ServerSentEventDecoder()
        var messages: [ServerSentEvent] = []
        var rest = bytes[...]
        while !rest.isEmpty {
          let size = round == 0 ? rest.count : Int.random(in: 1...4000, using: &random)
          messages += try decoder.feed(rest.prefix(size))
          rest = rest.dropFirst(size)
        }
        #expect(messages.map(\.event) == types, "\(version)/\(name)")
        for message in messages { check(MarathonEvent(message), message.event ?? "", "\(version)/\(name)") }
      }
      total += types.count
    }
    print("\(version): \(total) events in raw streams")
    #expect(total > 200)
  }

  @Test(arguments: Recording.versions)
  func aRawStreamCutAtEveryBoundary(version: String) throws {
    let (bytes, types) = try Recording(version: version).rawStream("events-accept-list")
    var whole = ServerSentEventDecoder()
    let expected = try whole.feed(bytes).map { MarathonEvent($0) }
    #expect(expected.count == types.count)
    for cut in 0...bytes.count {
      var decoder = ServerSentEventDecoder()
      let events = try decoder.feed(bytes[..<cut]) + decoder.feed(bytes[cut...])
      guard events.map({ MarathonEvent($0) }) == expected else {
        Issue.record("cut at byte \(cut)")
        return
      }
    }
  }

  @Test func heavyAndLightPlansGiveTheSame() throws {
    let light: JSON = ["plan": ["id": "d", "steps": [["actions": [["action": "StartApplication", "app": "/a"]]]]]]
    let old: JSON = [
      "plan": ["id": "d", "original": [:], "target": [:], "steps": [[["type": "StartApplication", "app": "/a"]]]]
    ]
    for json in [light, old] {
      guard case .deploymentInfo(let event) = MarathonEvent(type: "deployment_info", json) else {
        Issue.record("not understood: \(json)")
        continue
      }
      #expect(event.id == "d")
      #expect(event.plan.affectedIDs == ["/a"])
      #expect(event.plan.steps[0].actions[0].kind == .start)
    }
  }

  @Test func oddEventsNeverFail() {
    for data in [nil, "", "no JSON", "{", "[]", "{}", #"{"plan":5}"#, #"{"eventType":"x"}"#] {
      for type in [
        nil, "", "deployment_info", "status_update_event", "app_terminated_event", "api_post_event", "new_event",
      ] {
        guard case .other = MarathonEvent(ServerSentEvent(event: type, data: data)) else {
          Issue.record("\(type ?? "no type") with \(data ?? "no data") was taken for a known event")
          continue
        }
      }
    }
  }
}
