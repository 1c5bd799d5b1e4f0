/// One node of a YAML document, where it stands, and nothing resolved yet: scalars keep their text, aliases their name.
struct YAMLNode {
  indirect enum Content {
    case scalar(YAMLScalar)
    case sequence([YAMLNode])
    case mapping([Entry])
    /// Refers to the anchor of this name.
    case alias(String)
    /// A function, in a stack that is Lua; YAML has none.
    case function(FunctionPlace)
    /// What neither YAML nor a stack has, such as "a table that contains itself"; likewise.
    case unusable(String)
  }

  struct Entry {
    var key: YAMLNode
    var value: YAMLNode
  }

  var content: Content
  var position: SourcePosition

  /// Whether this is the key `<<` that merges its value into the mapping.
  var isMergeKey: Bool {
    guard case .scalar(let scalar) = content else { return false }
    return scalar.text == "<<" && (scalar.isPlain || scalar.tag == YAMLTag.merge)
  }
}

/// By what a function of a stack that is Lua is known: the stack's own file, and a line of it.
struct FunctionPlace {
  var file: String
  var line: Int
}

struct YAMLScalar {
  var text: String
  /// The tag in its long form; empty where the author gave none.
  var tag: String
  /// Plain and untagged, so that its text decides what it is.
  var isPlain: Bool
  /// Written as a block (`|` or `>`), whose text begins on the next line.
  var isBlock = false
}

/// The first document of a YAML stream.
struct YAMLDocument {
  /// `nil` where the stream has no document.
  var root: YAMLNode?
  /// By name. Where a name is used twice the last one counts for the whole document, as in yaml.v2 of 2016, which
  /// looks anchors up only after it has read everything.
  var anchors: [String: YAMLNode] = [:]
  /// Made of tables of Lua: nothing is taken for something else, an empty table is a list or a map as the field wants it, and a list of pairs is a map
  /// with an order.
  var isLua = false
}
