/// A day of the Gregorian calendar, also before its introduction.
struct CivilDate: Sendable, Hashable {
  var year: Int
  /// 1 to 12.
  var month: Int
  /// 1 to 31.
  var day: Int
  /// 0 (Sunday) to 6.
  var weekday: Int

  /// The years are counted from March, so that the leap day comes last, and the cycles of 400 years from year 0.
  init(daysSinceEpoch: Int64) {
    let days = daysSinceEpoch + 719_468
    let (era, dayOfEra) = days.flooredDivision(by: 146_097)
    let yearOfEra = (dayOfEra - dayOfEra / 1_460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
    let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
    let monthFromMarch = (5 * dayOfYear + 2) / 153
    day = Int(dayOfYear - (153 * monthFromMarch + 2) / 5 + 1)
    month = Int(monthFromMarch < 10 ? monthFromMarch + 3 : monthFromMarch - 9)
    year = Int(yearOfEra + era * 400) + (month <= 2 ? 1 : 0)
    weekday = Int((daysSinceEpoch + 4).flooredDivision(by: 7).remainder)
  }

  static func daysSinceEpoch(year: Int, month: Int, day: Int) -> Int64 {
    let year = Int64(month <= 2 ? year - 1 : year)
    let (era, yearOfEra) = year.flooredDivision(by: 400)
    let monthFromMarch = Int64(month > 2 ? month - 3 : month + 9)
    let dayOfYear = (153 * monthFromMarch + 2) / 5 + Int64(day) - 1
    let dayOfEra = yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear
    return era * 146_097 + dayOfEra - 719_468
  }

  static func isLeap(_ year: Int) -> Bool {
    year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)
  }

  var daysInMonth: Int {
    switch month {
    case 2: Self.isLeap(year) ? 29 : 28
    case 4, 6, 9, 11: 30
    default: 31
    }
  }
}

/// A reading of the clock on the wall.
struct CivilTime: Sendable, Hashable {
  var date: CivilDate
  var secondOfDay: Int

  init(secondsSinceEpoch: Int64) {
    let (day, second) = secondsSinceEpoch.flooredDivision(by: 86_400)
    date = CivilDate(daysSinceEpoch: day)
    secondOfDay = Int(second)
  }

  var year: Int { date.year }
}

extension Int64 {
  /// Towards minus infinity, so that the remainder is never negative.
  func flooredDivision(by divisor: Int64) -> (quotient: Int64, remainder: Int64) {
    let (quotient, remainder) = quotientAndRemainder(dividingBy: divisor)
    return remainder < 0 ? (quotient - 1, remainder + divisor) : (quotient, remainder)
  }
}
