import Engine
package import HTTPClient
package import HTTPTypes
import JSON

/// What tasks write: read from the embedded cluster, which keeps sandboxes and shows them as a Mesos agent does
/// (`/files/read`). Of another cluster we know only where it lies.
package struct TaskLogs: Sendable {
  enum Piece: Sendable, Hashable {
    case text(String, next: Int)
    /// It cannot be read here; the sentence says where it is.
    case elsewhere(String)
    /// It should be here and is not: not yet, or not any more. The sentence says so.
    case missing(String)
  }

  private let http: HTTPClient
  /// Nil where the cluster is not the embedded one.
  private let url: String?
  private let authorization: BasicAuthorization?

  /// Bytes that are read at once.
  static let pieceLimit = 256 << 10
  private static let timeout = Duration.seconds(10)

  /// - Parameter url: of the embedded cluster.
  package init(http: HTTPClient, url: String?, authorization: BasicAuthorization? = nil) {
    self.http = http
    self.url = url
    self.authorization = authorization
  }

  /// What has been written since an offset, at most some hundred kB of it.
  func read(_ task: TaskReference, _ stream: TaskLogStream, from offset: Int) async -> Piece {
    guard url != nil else { return .elsewhere(Self.place(of: task)) }
    do {
      let size = try await answer(task, stream, offset: -1, length: 0).offset
      let length = min(max(0, size - offset), Self.pieceLimit)
      guard length > 0 else { return .text("", next: offset) }
      // A piece that ends within a character ends before it instead.
      for cut in 0..<min(4, length) {
        let text = try await answer(task, stream, offset: offset, length: length - cut).data
        if !text.hasSuffix("\u{FFFD}") { return .text(text, next: offset + length - cut) }
      }
      return .text(try await answer(task, stream, offset: offset, length: length).data, next: offset + length)
    } catch {
      return .missing("the log of task \(task.task) cannot be read: \(error)")
    }
  }

  /// The last bytes; nil where they cannot be had.
  func end(of task: TaskReference, _ stream: TaskLogStream, limit: Int) async -> String? {
    guard url != nil else { return nil }
    do {
      let size = try await answer(task, stream, offset: -1, length: 0).offset
      let start = max(0, size - limit)
      let text = try await answer(task, stream, offset: start, length: size - start).data
      // What is cut off at the start is no line.
      guard start > 0, let firstBreak = text.firstIndex(of: "\n") else { return text }
      return String(text[text.index(after: firstBreak)...])
    } catch {
      return nil
    }
  }

  private struct Answer: Decodable {
    var data: String
    var offset: Int
  }

  private func answer(
    _ task: TaskReference, _ stream: TaskLogStream, offset: Int, length: Int
  ) async throws -> Answer {
    let query: QueryItems = [
      "path": "/tasks/\(task.task)/\(stream.rawValue)", "offset": "\(offset)", "length": "\(length)",
    ]
    let response = try await http.send(
      HTTPClientRequest(
        .get, url: "\(url ?? "")/files/read?\(query.text)", timeout: Self.timeout, basicAuthorization: authorization))
    let bytes = try await response.collect(upTo: 8 * Self.pieceLimit)
    guard response.status == 200 else {
      throw Refusal.notFound("it is no longer kept (status \(response.status))")
    }
    return try JSON(parsing: bytes).decode(Answer.self)
  }

  private static func place(of task: TaskReference) -> String {
    let agent = task.agent.map { " of Mesos agent \($0)" } ?? ""
    return "The log of task \(task.task) lies on \(task.host), in the task's sandbox\(agent); "
      + "Mesos's own pages show it."
  }
}
