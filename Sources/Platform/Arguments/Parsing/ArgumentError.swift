/// A command line that means nothing. The caller prints it and chooses the exit code.
package struct ArgumentError: Error, Sendable, Hashable, CustomStringConvertible {
  package enum Kind: Sendable, Hashable {
    case noCommand
    case unknownCommand
    /// A flag before the command.
    case misplacedFlag
    /// A flag that does not exist, or with a wrong value.
    case flag
    case missingArgument
    /// The first word of a command that reads it whatever it looks like (`Command.Reading.goAfterName`).
    case missingName
    case surplusArgument
  }

  package let kind: Kind
  /// One line: what is wrong, and the nearest right thing.
  package let message: String
  /// The help of the command, or of the program.
  package let usage: String

  package var description: String { message }
}
