/// Reads schedules with the checks of the original's cron library, in its order and with its texts.
enum ScheduleParser {
  static func parse(_ text: String) throws(ScheduleError) -> Schedule.Timing {
    do throws(Refusal) {
      guard let first = text.utf8.first else {
        throw Refusal("runtime error: index out of range [0] with length 0")
      }
      return first == UInt8(ascii: "@") ? try descriptor(text) : .calendar(try fields(of: text))
    } catch {
      throw ScheduleError(schedule: text, originalText: error.text)
    }
  }

  private struct Refusal: Error {
    let text: String
    init(_ text: String) { self.text = text }
  }

  private static func descriptor(_ text: String) throws(Refusal) -> Schedule.Timing {
    let all = Field.self
    let midnight = CalendarFields(
      seconds: 1, minutes: 1, hours: 1, days: all.day.everything, months: all.month.everything,
      weekdays: all.weekday.everything)
    switch text {
    case "@yearly", "@annually":
      return .calendar(
        midnight.with {
          $0.days = 1 << 1; $0.months = 1 << 1
        })
    case "@monthly":
      return .calendar(midnight.with { $0.days = 1 << 1 })
    case "@weekly":
      return .calendar(midnight.with { $0.weekdays = 1 })
    case "@daily", "@midnight":
      return .calendar(midnight)
    case "@hourly":
      return .calendar(midnight.with { $0.hours = all.hour.everything })
    default:
      break
    }
    let every = "@every "
    guard text.utf8.starts(with: every.utf8) else { throw Refusal("Unrecognized descriptor: \(text)") }
    do {
      let duration = try GoDuration.parse(String(text.unicodeScalars.dropFirst(every.unicodeScalars.count)))
      return .every(max(1, duration.components.seconds))
    } catch {
      throw Refusal("Failed to parse duration \(text): \(error.originalText)")
    }
  }

  private static func fields(of text: String) throws(Refusal) -> CalendarFields {
    let parts = text.unicodeScalars.split(whereSeparator: \.properties.isWhitespace).map(String.init)
    guard parts.count == 5 || parts.count == 6 else {
      throw Refusal("Expected 5 or 6 fields, found \(parts.count): \(text)")
    }
    return CalendarFields(
      seconds: try bits(of: parts[0], as: .second),
      minutes: try bits(of: parts[1], as: .minute),
      hours: try bits(of: parts[2], as: .hour),
      days: try bits(of: parts[3], as: .day),
      months: try bits(of: parts[4], as: .month),
      weekdays: try bits(of: parts.count == 6 ? parts[5] : "*", as: .weekday))
  }

  private static func bits(of list: String, as field: Field) throws(Refusal) -> UInt64 {
    var bits: UInt64 = 0
    for range in list.parts(separatedBy: ",") where !range.isEmpty {
      bits |= try self.bits(ofRange: range, as: field)
    }
    return bits
  }

  private static func bits(ofRange expression: String, as field: Field) throws(Refusal) -> UInt64 {
    let rangeAndStep = expression.parts(separatedBy: "/")
    let bounds = rangeAndStep[0].parts(separatedBy: "-")
    var start = field.minimum
    var end = field.maximum
    var star: UInt64 = 0
    if bounds[0] == "*" || bounds[0] == "?" {
      star = CalendarFields.star
    } else {
      start = try value(of: bounds[0], as: field)
      switch bounds.count {
      case 1: end = start
      case 2: end = try value(of: bounds[1], as: field)
      default: throw Refusal("Too many hyphens: \(expression)")
      }
    }

    var step = 1
    switch rangeAndStep.count {
    case 1: break
    case 2:
      step = try number(rangeAndStep[1])
      if bounds.count == 1 { end = field.maximum }
    default: throw Refusal("Too many slashes: \(expression)")
    }

    if start < field.minimum {
      throw Refusal("Beginning of range (\(start)) below minimum (\(field.minimum)): \(expression)")
    }
    if end > field.maximum {
      throw Refusal("End of range (\(end)) above maximum (\(field.maximum)): \(expression)")
    }
    if start > end {
      throw Refusal("Beginning of range (\(start)) beyond end of range (\(end)): \(expression)")
    }
    // The original loops for ever here.
    if step == 0 { throw Refusal("Step of range must be at least 1: \(expression)") }
    return stride(from: start, through: end, by: step).reduce(star) { $0 | 1 << UInt64($1) }
  }

  private static func value(of text: String, as field: Field) throws(Refusal) -> Int {
    if let index = field.names.firstIndex(of: text.lowercased()) { return field.minimum + index }
    return try number(text)
  }

  private static func number(_ text: String) throws(Refusal) -> Int {
    let number: Int
    do { number = try GoInteger.parse(text) } catch { throw Refusal("Failed to parse int from \(text): \(error)") }
    if number < 0 { throw Refusal("Negative number (\(number)) not allowed: \(text)") }
    return number
  }

  private enum Field {
    case second, minute, hour, day, month, weekday

    var minimum: Int {
      switch self {
      case .second, .minute, .hour, .weekday: 0
      case .day, .month: 1
      }
    }

    var maximum: Int {
      switch self {
      case .second, .minute: 59
      case .hour: 23
      case .day: 31
      case .month: 12
      case .weekday: 6
      }
    }

    /// From the minimum on.
    var names: [String] {
      switch self {
      case .second, .minute, .hour, .day: []
      case .month: ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"]
      case .weekday: ["sun", "mon", "tue", "wed", "thu", "fri", "sat"]
      }
    }

    var everything: UInt64 {
      (minimum...maximum).reduce(CalendarFields.star) { $0 | 1 << UInt64($1) }
    }
  }
}

extension String {
  /// By Unicode scalars, empty parts included: a separator counts also before a combining mark.
  fileprivate func parts(separatedBy separator: Unicode.Scalar) -> [String] {
    unicodeScalars.split(separator: separator, omittingEmptySubsequences: false).map(String.init)
  }
}
