import HTTPTypes
import JSON

/// A complete answer, with the name of its request for error texts.
struct MarathonAnswer {
  var request: String
  var status: Int
  var fields: HTTPFields
  var body: [UInt8]

  var isSuccess: Bool { HTTPStatus.isSuccess(status) }

  /// The deployment that a change has started.
  var deploymentID: String? { fields["Marathon-Deployment-Id"] }

  func decode<T: Decodable>(_ type: T.Type = T.self) throws(MarathonError) -> T {
    let json: JSON
    do {
      json = try JSON(parsing: body)
    } catch {
      throw MarathonError(error, in: self)
    }
    do {
      return try json.decode(type)
    } catch {
      throw MarathonError(error, in: self)
    }
  }

  /// The beginning of a body that is not what it should be, fit for a log line.
  var excerpt: String {
    guard !body.isEmpty else { return "the answer is empty" }
    let kind = fields["Content-Type"].map { " (\($0))" } ?? ""
    var text = ""
    for scalar in String(decoding: body.prefix(400), as: UTF8.self).unicodeScalars {
      let isBlank = scalar.properties.isWhitespace || scalar.properties.generalCategory == .control
      if !isBlank { text.unicodeScalars.append(scalar) } else if text.last != " " { text += " " }
    }
    return "the answer is no JSON of Marathon\(kind) and begins with: \(text.prefix(160))"
  }
}
