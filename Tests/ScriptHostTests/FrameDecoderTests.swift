import JSON
import Testing

@testable import ScriptHost

struct FrameDecoderTests {
  private let frames: [[UInt8]] = [[1], [2, 3, 4], [UInt8](repeating: 5, count: 300)]

  @Test func framesComeWholeWhereverTheStreamIsCut() throws {
    let stream = frames.flatMap { FrameDecoder.frame($0) }
    for cut in 0...stream.count {
      var decoder = FrameDecoder(limit: 300)
      var found: [[UInt8]] = []
      for part in [stream[..<cut], stream[cut...]] {
        decoder.append(Array(part))
        while let frame = try decoder.next() { found.append(frame) }
      }
      #expect(found == frames)
      #expect(decoder.isBetweenFrames)
    }
  }

  @Test func byteByByte() throws {
    var decoder = FrameDecoder(limit: 300)
    var found: [[UInt8]] = []
    for byte in frames.flatMap({ FrameDecoder.frame($0) }) {
      decoder.append([byte])
      while let frame = try decoder.next() { found.append(frame) }
    }
    #expect(found == frames)
  }

  @Test(arguments: [[0, 0, 1, 45], [0xFF, 0xFF, 0xFF, 0xFF], [0, 0, 0, 0]] as [[UInt8]])
  func alengthThatIsNotAllowedIsRefusedAtOnce(head: [UInt8]) {
    var decoder = FrameDecoder(limit: 300)
    decoder.append(head)
    #expect(throws: ProtocolViolation.self) { try decoder.next() }
  }
}
