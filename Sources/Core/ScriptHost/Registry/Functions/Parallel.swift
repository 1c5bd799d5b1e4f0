import JSON

extension HostFunctions {
  /// What runs the branches is the worker's (parallel.c); the host's part is the check.
  static let parallel = HostFunction(
    "parallel", [HostField("count", .integer, doc: "How many branches there are.")], phases: [.hook, .run],
    recording: .pure { arguments, _ in
      let count = arguments.integer("count") ?? 0
      guard count <= WorkerConversation.mostOpenCalls else {
        let text =
          "argument 1 (branches) has \(count) functions; \(WorkerConversation.mostOpenCalls) may run at once: "
          + "give it a part of them at a time"
        return .failure(HostCallFailure(.invalidArgument, text))
      }
      return .result(.null)
    },
    wrapper: HostWrapper(
      .functions(name: "branches", doc: "Functions without arguments, at most 100."),
      source: """
        function(list)
          if kind(list) ~= "table" then
            misuse("parallel", "argument 1 (branches) must be a list of functions, is " .. (list == nil and "nil" or "a " .. kind(list)))
          end
          local own, count = {}, #list
          for key in pairs(list) do
            if kind(key) ~= "number" or key < 1 or key > count then
              misuse("parallel", "argument 1 (branches) must be a list of functions, has the key " .. tostring(key))
            end
          end
          for place = 1, count do
            local branch = list[place]
            if kind(branch) ~= "function" then
              misuse("parallel", "argument 1 (branches)[" .. place .. "] must be a function, is " .. (branch == nil and "nil" or "a " .. kind(branch)))
            end
            own[place] = branch
          end
          call(count)
          local results, failures = branches(own)
          if #failures == 0 then return results end
          local warn = functions["log.warn"]
          for place = 2, warn and #failures or 0 do
            local failure = failures[place]
            local isText, text = pcall(line, failure.error)
            warn("parallel: branch " .. failure.branch .. " has failed, too: " .. (isText and text or "its error has no text"))
          end
          error(failures[1].error, 0)
        end
        """),
    doc: """
      Runs functions by turns: one runs until it calls for something that takes time; while it waits, the others go on. Returns when all have ended, \
      with the first result of each at its place and their number as `n`. Where functions fail, the error that came first is raised when all have \
      ended; the others are lines of the log. Inside of a branch no call can wait in the middle of `table.sort`, `string.gsub`, `tostring`, `require` \
      or a coroutine of the script, and `parallel` itself cannot be called.
      """)
}
