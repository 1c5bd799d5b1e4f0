/// Text compared byte for byte, as databases do.
///
/// Swift's `String` compares by canonical equivalence: a letter with its accent in one scalar equals the same in two.
/// Every store must tell such names apart, or two stores would disagree on what exists.
struct BytewiseText: Sendable, Hashable, Comparable {
  let text: String

  init(_ text: String) {
    self.text = text
  }

  static func == (a: BytewiseText, b: BytewiseText) -> Bool {
    a.text.utf8.elementsEqual(b.text.utf8)
  }

  static func < (a: BytewiseText, b: BytewiseText) -> Bool {
    a.text.utf8.lexicographicallyPrecedes(b.text.utf8)
  }

  func hash(into hasher: inout Hasher) {
    var text = text
    text.withUTF8 { hasher.combine(bytes: UnsafeRawBufferPointer($0)) }
    hasher.combine(UInt8(0xFF))
  }
}
