/// What a field's value must be, in our words and in the Go type that the original's errors name.
struct DecodingTarget {
  var meaning: String
  var goType: String
  /// A field that may be absent altogether, which Go holds behind a pointer.
  var isPointer = false
  /// A map whose order is the author's, which Lua may write as a list of pairs.
  var keepsOrder = false

  static let text = DecodingTarget(meaning: "a text", goType: "string")
  static let number = DecodingTarget(meaning: "a number", goType: "float64")
  static let wholeNumber = DecodingTarget(meaning: "a whole number", goType: "int")
  static let boolean = DecodingTarget(meaning: "true or false", goType: "bool")
  static let texts = DecodingTarget(meaning: "a list of texts", goType: "[]string")
  static let wholeNumbers = DecodingTarget(meaning: "a list of whole numbers", goType: "[]int")
  static let constraints = DecodingTarget(meaning: "a list of lists", goType: "[][]string")
  static let textMap = DecodingTarget(meaning: "a map of texts", goType: "map[string]string", keepsOrder: true)
  static let tasks = DecodingTarget(meaning: "a map of tasks", goType: "yaml.MapSlice", keepsOrder: true)
  static let task = DecodingTarget(meaning: "a task inside a map", goType: "yaml.MapItem")
  static let stack = DecodingTarget(meaning: "a map", goType: "framework.Stack", isPointer: true)
  static let applications = DecodingTarget(
    meaning: "a map of applications", goType: "map[string]*framework.Application")
  static let variables = DecodingTarget(
    meaning: "a map of variables", goType: "map[string]framework.Variable")
  static let variable = DecodingTarget(
    meaning: "a map such as { type: integer, default: 3 }", goType: "framework.Variable")
  static let application = DecodingTarget(meaning: "a map", goType: "framework.Application", isPointer: true)
  static let docker = DecodingTarget(meaning: "a map", goType: "framework.Docker", isPointer: true)
  static let portMappings = DecodingTarget(meaning: "a list of maps", goType: "[]*framework.DockerPortMapping")
  static let portMapping = DecodingTarget(meaning: "a map", goType: "framework.DockerPortMapping", isPointer: true)
  static let volumes = DecodingTarget(meaning: "a list of maps", goType: "[]*framework.DockerVolume")
  static let volume = DecodingTarget(meaning: "a map", goType: "framework.DockerVolume", isPointer: true)
  static let lock = DecodingTarget(meaning: "left out", goType: "sync.RWMutex")
  static let healthCheck = DecodingTarget(meaning: "a path or a map", goType: "string")
  static let hookScript = DecodingTarget(meaning: "a text, or a map with lua or lua_file", goType: "string")
  static let function = DecodingTarget(meaning: "a function", goType: "")
  static let pair = DecodingTarget(meaning: "a pair such as { \"name\", value }", goType: "")
  static let taskValue = DecodingTarget(meaning: "a value", goType: "")
  static let level = DecodingTarget(meaning: "zone, cluster or datacenter, or its number", goType: "int")
  static let instances = DecodingTarget(meaning: "a whole number or a text", goType: "")
  static let duration = DecodingTarget(meaning: "a duration such as 500ms", goType: "string")
}
