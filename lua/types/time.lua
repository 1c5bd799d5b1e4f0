---@meta
-- Made by `stack-deploy lua types`; changes go to the registry of host functions.

---Time as the script may know it, so that a run that is taken up again sees the same.
---@class time
time = {}

---The time of the last answer that the script got from the host, or of its start, such as `2026-11-25T03:52:54.123Z`. So it is the same when a run is taken up again.
---@return string
function time.now() end

---The seconds from 1970 to an instant.
---@param text string An instant such as `2026-11-25T03:52:54Z`, any zone.
---@return number
function time.parse(text) end

---The instant so many seconds after 1970, as `time.now` writes it.
---@param seconds number Seconds since 1970.
---@return string
function time.format(seconds) end

---How many seconds a duration has.
---@param duration Duration Such as `1m30s`.
---@return number
function time.seconds(duration) end

---Waits. It costs time, but no CPU time.
---@param duration Duration Such as `10s`.
---@param why? string What is waited for, for people who look at the run.
---@param replay? boolean Whether the script keeps no worker meanwhile, also where it is 30 s or less, and is run again after it.
function time.sleep(duration, why, replay) end
