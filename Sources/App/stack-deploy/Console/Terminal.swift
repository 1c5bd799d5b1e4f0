import CPosix
import Glibc

/// Standard output where a person looks at it.
enum Terminal {
  struct Size: Equatable {
    var columns: Int
    var rows: Int
  }

  static var isThere: Bool { isatty(STDOUT_FILENO) == 1 }

  /// Whether what stands there may be drawn over.
  static var canRedraw: Bool { isThere && isCapable(ProcessEnvironment.all) }

  static var hasColours: Bool { isThere && allowsColours(ProcessEnvironment.all) }

  /// At this moment; 80 by 24 where the terminal does not say.
  static var size: Size {
    var (columns, rows): (Int32, Int32) = (0, 0)
    guard cposix_terminal_size(STDOUT_FILENO, &columns, &rows) else { return Size(columns: 80, rows: 24) }
    return Size(columns: Int(columns), rows: Int(rows))
  }

  static func isCapable(_ environment: [String: String]) -> Bool {
    !["", "dumb"].contains(environment["TERM"] ?? "")
  }

  /// See no-color.org: any value but the empty one means none.
  static func allowsColours(_ environment: [String: String]) -> Bool {
    isCapable(environment) && (environment["NO_COLOR"] ?? "").isEmpty
  }
}
