/// What the program's exit code says. Commands of the original and ours use the same.
enum ExitCode {
  static let success: Int32 = 0
  /// Refused by the server, or failed.
  static let failure: Int32 = 1
  /// A flag does not exist, has a wrong value, or cannot be used in this version.
  static let usage: Int32 = 2
  /// `server`: the run of the bootstrap stack has failed or was cancelled.
  static let notBroughtUp: Int32 = 3
  /// `lua run`: the script went over a budget.
  static let scriptOverBudget: Int32 = 3
  /// `lua run`: the script could not be run, or its worker died.
  static let scriptNotRun: Int32 = 4
  /// Ctrl-C: what was started goes on without this program.
  static let interrupted: Int32 = 130
}
