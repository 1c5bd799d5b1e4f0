import Foundation
import JSON
import Testing

/// Recorded traffic of a real Marathon 1.6.590, from the folder `Resources`.
struct Recording {
  struct Exchange {
    var note: String
    var method: String
    var path: String
    var query: [(name: String, value: String)]
    var fields: [(name: String, value: String)]
    var body: [UInt8]
    var status: Int
    var answerFields: [(name: String, value: String)]
    var answer: String
    var time: Double

    var json: JSON? { try? JSON(parsing: answer) }
    func field(_ name: String) -> String? { fields.first { $0.name.lowercased() == name.lowercased() }?.value }
  }

  struct Event {
    var type: String
    var data: JSON
    var time: Double
  }

  var exchanges: [Exchange] = []
  var events: [Event] = []

  init(_ name: String) throws {
    let url = try #require(Bundle.module.url(forResource: "Resources/\(name)", withExtension: "json"))
    let json = try JSON(parsing: Array(Data(contentsOf: url)))
    for exchange in json["exchanges"]?.arrayValue ?? [] {
      guard let request = exchange["request"], let response = exchange["response"] else { continue }
      let target = request["path"]?.stringValue ?? ""
      let parts = target.split(separator: "?", maxSplits: 1).map(String.init)
      let query = (parts.count > 1 ? parts[1] : "").split(separator: "&").map { pair in
        let sides = pair.split(separator: "=", maxSplits: 1).map(String.init)
        return (name: sides[0], value: sides.count > 1 ? sides[1] : "")
      }
      exchanges.append(
        Exchange(
          note: exchange["note"]?.stringValue ?? "", method: request["method"]?.stringValue ?? "",
          path: parts.first ?? "", query: query, fields: Self.fields(request["headers"]),
          body: Self.body(request), status: response["status"]?.intValue ?? 0,
          answerFields: Self.fields(response["headers"]), answer: response["body"]?.stringValue ?? "",
          time: exchange["t"]?.doubleValue ?? 0))
    }
    for event in json["events"]?.arrayValue ?? [] {
      events.append(
        Event(
          type: event["event"]?.stringValue ?? "", data: event["data"] ?? .null, time: event["t"]?.doubleValue ?? 0))
    }
  }

  private static func fields(_ json: JSON?) -> [(name: String, value: String)] {
    (json?.arrayValue ?? []).map { ($0[0]?.stringValue ?? "", $0[1]?.stringValue ?? "") }
  }

  private static func body(_ request: JSON) -> [UInt8] {
    if let text = request["body"]?.stringValue { return Array(text.utf8) }
    if let base64 = request["bodyBase64"]?.stringValue, let data = Data(base64Encoded: base64) { return Array(data) }
    return []
  }
}
