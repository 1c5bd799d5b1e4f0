/// The order in which yaml.v2 of 2016 writes the keys of a map: letters by code point, runs of digits by their number,
/// everything else before letters (`1 B a a2 a10 b`).
enum NaturalOrder {
  static func sorted(_ keys: [String]) -> [String] {
    keys.map { (key: $0, scalars: Array($0.unicodeScalars)) }.sorted { precedes($0.scalars, $1.scalars) }.map(\.key)
  }

  private static func precedes(_ first: [Unicode.Scalar], _ second: [Unicode.Scalar]) -> Bool {
    guard let index = zip(first, second).enumerated().first(where: { $0.element.0 != $0.element.1 })?.offset else {
      return first.count < second.count
    }
    let isLetter = (first[index].isLetter, second[index].isLetter)
    if isLetter == (true, true) { return first[index] < second[index] }
    if isLetter.0 || isLetter.1 { return isLetter.1 }
    let number = (leadingNumber(first[index...]), leadingNumber(second[index...]))
    if number.0.value != number.1.value { return number.0.value < number.1.value }
    if number.0.digits != number.1.digits { return number.0.digits < number.1.digits }
    return first[index] < second[index]
  }

  /// Wraps around as Go's int64 does, so that long runs of digits sort as the original sorts them.
  private static func leadingNumber(_ text: ArraySlice<Unicode.Scalar>) -> (value: Int64, digits: Int) {
    var value: Int64 = 0
    let digits = text.prefix { $0.properties.generalCategory == .decimalNumber }
    for digit in digits { value = value &* 10 &+ (Int64(digit.value) - 0x30) }
    return (value, digits.count)
  }
}

extension Unicode.Scalar {
  fileprivate var isLetter: Bool {
    switch properties.generalCategory {
    case .uppercaseLetter, .lowercaseLetter, .titlecaseLetter, .modifierLetter, .otherLetter: true
    default: false
    }
  }
}
