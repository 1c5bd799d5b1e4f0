/// A time zone: which offset from UTC holds when.
///
/// Read from the bytes of a compiled zoneinfo file (RFC 8536), as in `/usr/share/zoneinfo`; reading the file is the
/// caller's.
package struct ZoneInfo: Sendable, Hashable {
  /// Such as `Europe/Berlin`.
  package let name: String
  private let source: Source

  private indirect enum Source: Sendable, Hashable {
    case fixed(Int64)
    case file(ZoneInfoFile)
  }

  /// A time during which one offset holds.
  package struct Period: Sendable, Hashable {
    /// Seconds east of UTC.
    package var offset: Int64
    /// The first second (since 1970-01-01T00:00:00Z) at which another period begins; nil for never.
    package var end: Int64?
  }

  package static let utc = ZoneInfo(name: "UTC", offset: 0)

  /// A zone that never changes its offset, in seconds east of UTC.
  package init(name: String, offset: Int64) {
    self.name = name
    self.source = .fixed(offset)
  }

  /// A zone from the bytes of its zoneinfo file.
  package init(name: String, file bytes: [UInt8]) throws(ZoneInfoError) {
    self.name = name
    self.source = .file(try ZoneInfoFile(parsing: bytes, of: name))
  }

  /// Reads a zone by its name, such as `Europe/Berlin`, through `read`, which gets the path below the zoneinfo folder
  /// and answers nil where there is no such file. `UTC` needs no file.
  package init(named name: String, read: (String) throws -> [UInt8]?) throws {
    if ["UTC", "Etc/UTC"].contains(name) {
      self = .utc
      return
    }
    // The name becomes a path: nothing that leads out of the folder.
    let parts = name.split(separator: "/", omittingEmptySubsequences: false)
    guard !name.contains("\0"), parts.allSatisfy({ !$0.isEmpty && !$0.hasPrefix(".") }) else {
      throw ZoneInfoError(zone: name, reason: .badName)
    }
    guard let bytes = try read(name) else { throw ZoneInfoError(zone: name, reason: .unknown) }
    try self.init(name: name, file: bytes)
  }

  /// The period that holds at a second since 1970-01-01T00:00:00Z.
  package func period(at second: Int64) -> Period {
    switch source {
    case .fixed(let offset): Period(offset: offset, end: nil)
    case .file(let file): file.period(at: second)
    }
  }
}

/// Why a zone cannot be used.
package struct ZoneInfoError: Error, Sendable, Hashable, CustomStringConvertible {
  package enum Reason: Sendable, Hashable {
    case badName
    case unknown
    /// Not what RFC 8536 describes; the text says where.
    case malformed(String)
  }

  package var zone: String
  package var reason: Reason

  package var description: String {
    switch reason {
    case .badName: "'\(zone)' is no name of a time zone; names look like Europe/Berlin"
    case .unknown: "there is no time zone '\(zone)'; is the package tzdata installed?"
    case .malformed(let problem): "the file of the time zone '\(zone)' is damaged: \(problem)"
    }
  }
}
