import Glibc
import Testing

@testable import Processes

struct StreamSocketTests {
  /// What the other side reads within a moment; nothing if there is nothing.
  private func reply(on socket: Descriptor) -> [UInt8] {
    var poll = pollfd(fd: socket.number, events: Int16(POLLIN), revents: 0)
    guard Glibc.poll(&poll, 1, 200) == 1 else { return [] }
    var buffer = [UInt8](repeating: 0, count: 100)
    return Array(buffer[..<max(0, read(socket.number, &buffer, buffer.count))])
  }

  private func send(_ bytes: [UInt8], to socket: Descriptor) {
    #expect(write(socket.number, bytes, bytes.count) == bytes.count)
  }

  /// One that nobody waits for is left to the next reader.
  @Test func aReplyIsSentWhileSomebodyWaits() async throws {
    let (stream, theirs) = try StreamSocket.pair { bytes, hasRoom in bytes == [1] && hasRoom() ? [2, 2] : nil }
    defer { stream.hangUp() }
    var replied: [UInt8] = []
    for _ in 0..<50 where replied.isEmpty {
      async let bytes = stream.read()
      send([1], to: theirs)
      replied = reply(on: theirs)
      send([3], to: theirs)
      // The reader never sees what was replied to.
      let seen = await bytes
      #expect(replied.isEmpty ? seen.first == 1 : seen == [3])
      // Where nobody waited yet, the second byte may have come by itself.
      if seen == [1] { #expect(await stream.read() == [3]) }
    }
    #expect(replied == [2, 2])
  }

  @Test func withoutAReplyBytesComeAsTheyAre() async throws {
    let (stream, theirs) = try StreamSocket.pair()
    send([1, 2, 3], to: theirs)
    #expect(await stream.read() == [1, 2, 3])
    try await stream.write([4])
    #expect(reply(on: theirs) == [4])
    stream.hangUp()
    #expect(await stream.read() == [])
  }
}
