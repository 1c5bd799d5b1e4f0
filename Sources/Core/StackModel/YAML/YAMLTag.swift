/// The tags of YAML 1.1 in their long and short forms.
enum YAMLTag {
  private static let prefix = "tag:yaml.org,2002:"
  static let null = prefix + "null"
  static let boolean = prefix + "bool"
  static let string = prefix + "str"
  static let integer = prefix + "int"
  static let float = prefix + "float"
  static let binary = prefix + "binary"
  static let merge = prefix + "merge"
  static let sequence = prefix + "seq"
  static let mapping = prefix + "map"

  /// `!!int` for `tag:yaml.org,2002:int`; other tags as they are.
  static func short(_ tag: String) -> String {
    tag.hasPrefix(prefix) ? "!!" + tag.dropFirst(prefix.count) : tag
  }
}
