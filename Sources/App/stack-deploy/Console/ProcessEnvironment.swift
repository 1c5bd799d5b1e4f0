import CPosix

/// The variables that this program was started with.
enum ProcessEnvironment {
  static let all: [String: String] = {
    var variables: [String: String] = [:]
    var index = 0
    while let entry = cposix_environment_entry(index) {
      index += 1
      let text = String(cString: entry)
      guard let sign = text.firstIndex(of: "="), sign > text.startIndex else { continue }
      variables[String(text[..<sign])] = String(text[text.index(after: sign)...])
    }
    return variables
  }()
}
