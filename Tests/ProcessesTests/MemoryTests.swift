import CPosix
import Glibc
import Testing

@Suite struct MemoryTests {
  /// Pages of files that are mapped and present.
  private var residentFilePages: Int {
    let descriptor = open("/proc/self/statm", O_RDONLY | O_CLOEXEC)
    defer { close(descriptor) }
    var buffer = [UInt8](repeating: 0, count: 256)
    let count = max(0, read(descriptor, &buffer, buffer.count))
    let numbers = String(decoding: buffer[..<count], as: UTF8.self).split(separator: " ").compactMap { Int($0) }
    return numbers.count > 2 ? numbers[2] : 0
  }

  @Test func textThatIsNotUsedGoes() {
    let before = residentFilePages
    cposix_forget_start()
    let after = residentFilePages
    #expect(after > 0)
    #expect(after < before)
  }
}
