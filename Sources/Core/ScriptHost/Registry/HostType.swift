package import JSON

/// The type of a value that crosses the border between script and host.
package indirect enum HostType: Sendable, Hashable {
  case string
  /// A whole number; `3.0` is one.
  case integer
  case number
  case boolean
  /// Text such as `10m`; a bare number is refused. In normal form as `GoDuration.text` prints it.
  case duration
  /// Text such as `512MiB`; a bare number is refused. In normal form a number of bytes.
  case size
  case choice([String])
  case list(HostType)
  /// Keys are strings.
  case map(HostType)
  case record(HostRecord)
  /// Anything that JSON has.
  case json
  /// A thing of the host's, such as an application: as an argument its id or what the host returned for it, in normal form the id.
  case handle(HostHandle)
  /// The type, or nil.
  case nullable(HostType)
}

/// A named value: a parameter, or a field of a record.
package struct HostField: Sendable, Hashable {
  package enum Presence: Sendable, Hashable {
    case required
    case optional
    /// Taken where it is left out; in normal form.
    case standard(JSON)
  }

  package let name: String
  package let type: HostType
  package let presence: Presence
  package let doc: String

  package init(_ name: String, _ type: HostType, _ presence: Presence = .required, doc: String) {
    self.name = name
    self.type = type
    self.presence = presence
    self.doc = doc
  }
}

/// A table with named fields, and no others.
package struct HostRecord: Sendable, Hashable {
  /// The name of its class in annotations; nil where it is written out at its place.
  package let name: String?
  package let fields: [HostField]

  package init(name: String? = nil, _ fields: [HostField]) {
    self.name = name
    self.fields = fields
  }
}

/// A thing of the host's that scripts hold as a read-only table with methods.
package struct HostHandle: Sendable, Hashable {
  package struct Method: Sendable, Hashable {
    package let name: String
    package let parameters: [HostField]
    package let result: HostType
    package let doc: String
    /// An expression of Lua: a function of the handle and the arguments.
    package let source: String
  }

  /// `app`; also what `tostring` shows before the id.
  package let kind: String
  package let doc: String
  /// Beside `id`, a string.
  package let fields: [HostField]
  package let methods: [Method]
}
