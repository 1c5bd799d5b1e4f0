coroutine.yield(1) return 2
