/// A table of a stack's Lua file, or an object there, as annotations and the reference page describe it. What the fields are taken for is the
/// business of `StackDecoder`, which reads YAML too; a test holds the names against it.
struct StackClass {
  struct Field {
    let name: String
    /// As annotations write it.
    let type: String
    let isOptional: Bool
    let doc: String

    init(_ name: String, _ type: String, isOptional: Bool = true, _ doc: String) {
      self.name = name
      self.type = type
      self.isOptional = isOptional
      self.doc = doc
    }
  }

  /// A function, or a method where it belongs to a class.
  struct Function {
    /// `var.integer`, `stack`; of a method `app`.
    let name: String
    let parameters: [Field]
    let result: String
    let doc: String
  }

  let name: String
  /// A class that it has all fields of.
  var parent: String?
  let doc: String
  var fields: [Field] = []
  var methods: [Function] = []
  /// What any other text as a key gives, as annotations write it.
  var others: String?
}
