import Glibc

/// For the threads of a raw server, which may block.
enum Thread {
  static func sleep(milliseconds: Int) { usleep(UInt32(milliseconds * 1000)) }
}
