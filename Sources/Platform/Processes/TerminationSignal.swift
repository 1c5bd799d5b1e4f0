package import Concurrency
import Glibc

/// The two ends of the pipe that the handler of SIGTERM and SIGINT writes into. A handler may do little else.
private let pipeEnds: (reading: Int32, writing: Int32) = {
  var ends: [Int32] = [-1, -1]
  guard pipe(&ends) == 0 else { return (-1, -1) }
  for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
  return (ends[0], ends[1])
}()

/// SIGTERM and SIGINT as a signal of ours. The second one ends the process at once.
///
/// One that was ignored when the program started stays ignored, as shells start what runs in their background: a Ctrl-C
/// that is meant for the foreground then does not reach it.
package enum TerminationSignal {
  package static func fire(_ signal: AsyncSignal) {
    guard pipeEnds.reading >= 0 else { return }
    startThread(named: "signals") {
      var byte: UInt8 = 0
      while read(pipeEnds.reading, &byte, 1) < 0, errno == EINTR {}
      signal.fire()
      while read(pipeEnds.reading, &byte, 1) < 0, errno == EINTR {}
      _exit(128 + Int32(byte))
    }
    for number in [SIGTERM, SIGINT] {
      let before = Glibc.signal(number) { received in
        var byte = UInt8(truncatingIfNeeded: received)
        _ = write(pipeEnds.writing, &byte, 1)
      }
      // SIG_IGN is the number 1 in the place of a function (signal.h), which Swift can compare in no other way.
      if unsafeBitCast(before, to: Int.self) == 1 { Glibc.signal(number, SIG_IGN) }
    }
  }
}
