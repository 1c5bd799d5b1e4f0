import Glibc
import JSON

/// The recorded scenarios of one version of Marathon.
struct Recording {
  struct Exchange {
    var method: String
    /// As it stood in the request line.
    var target: String
    var requestBody: String?
    var status: Int
    var headers: [(String, String)]
    /// `nil` when it was cut or is not text.
    var body: String?

    var path: String { String(target.prefix { $0 != "?" }) }
    func header(_ name: String) -> String? { headers.first { $0.0.lowercased() == name.lowercased() }?.1 }
  }

  static let versions = ["v1.6", "v1.11"]
  let version: String

  private var folder: String { #filePath.dropLast("Recording.swift".count) + "Resources/recorded/\(version)" }

  /// Names without extension.
  func names(_ fileExtension: String) -> [String] {
    guard let directory = opendir(folder) else { return [] }
    defer { closedir(directory) }
    var names: [String] = []
    while let entry = readdir(directory) {
      let name = withUnsafeBytes(of: entry.pointee.d_name) { bytes in
        String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
      }
      if name.hasSuffix(fileExtension) { names.append(String(name.dropLast(fileExtension.count))) }
    }
    return names.sorted()
  }

  func bytes(_ file: String) throws -> [UInt8] {
    struct Missing: Error { var path: String }
    let path = "\(folder)/\(file)"
    guard let stream = fopen(path, "re") else { throw Missing(path: path) }
    defer { fclose(stream) }
    var bytes: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: 1 << 16)
    while case let count = fread(&buffer, 1, buffer.count, stream), count > 0 { bytes += buffer[..<count] }
    return bytes
  }

  func exchanges(_ scenario: String) throws -> [Exchange] {
    let json = try JSON(parsing: bytes(scenario + ".json"))
    return (json["exchanges"]?.arrayValue ?? []).compactMap { exchange in
      guard let request = exchange["request"], let response = exchange["response"],
        let method = request["method"]?.stringValue, let target = request["path"]?.stringValue,
        let status = response["status"]?.intValue
      else { return nil }
      let headers = (response["headers"]?.arrayValue ?? []).compactMap { pair in
        pair[0]?.stringValue.flatMap { name in pair[1]?.stringValue.map { (name, $0) } }
      }
      let isWhole = response["bodyTrimmedAt"] == nil && response["bodyBase64"] == nil
      return Exchange(
        method: method, target: target, requestBody: request["body"]?.stringValue, status: status, headers: headers,
        body: isWhole ? response["body"]?.stringValue ?? "" : nil)
    }
  }

  func events(_ scenario: String) throws -> [(type: String, data: JSON)] {
    let json = try JSON(parsing: bytes(scenario + ".json"))
    return (json["events"]?.arrayValue ?? []).compactMap { event in
      guard let type = event["event"]?.stringValue, let data = event["data"] else { return nil }
      return (type, data)
    }
  }

  /// The bytes of a raw stream as they came, and the types of its complete messages; the last one may be cut off.
  func rawStream(_ name: String) throws -> (bytes: [UInt8], types: [String]) {
    var text = ""
    var types: [String] = []
    var type: String?
    for line in String(decoding: try bytes(name + ".txt"), as: UTF8.self).split(
      separator: "\n", omittingEmptySubsequences: false)
    {
      guard line.hasPrefix("[+"), let end = line.firstRange(of: "] ") else { continue }
      let content = line[end.upperBound...]
      if content.hasPrefix("event: ") { type = String(content.dropFirst(7)) }
      if content.isEmpty, let complete = type {
        types.append(complete)
        type = nil
      }
      text += content + "\r\n"
    }
    return (Array(text.utf8), types)
  }
}
