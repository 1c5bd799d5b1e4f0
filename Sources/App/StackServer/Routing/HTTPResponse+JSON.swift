import HTTPServer
import HTTPTypes
import JSON
import StackAPI

extension HTTPResponse {
  /// A wire type as JSON with a line break at the end, as people ask with curl.
  static func json(_ value: some Encodable, status: Int = 200) -> HTTPResponse {
    do {
      var response = HTTPResponse.json(try JSON(encoding: value).bytes + [UInt8(ascii: "\n")], status: status)
      // What the API says changes at any time and is for its caller alone.
      response.fields["Cache-Control"] = "no-store"
      response.fields["X-Content-Type-Options"] = "nosniff"
      return response
    } catch {
      // Only a number that JSON does not have could bring it here.
      return Refusal(500, .init(.internalError, "the answer cannot be written as JSON: \(error)")).asText
    }
  }
}
