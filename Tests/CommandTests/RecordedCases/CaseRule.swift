/// The rules of docs/compatibility.md by which a replayed step may differ from the recorded one.
enum CaseRule: String, Sendable, CaseIterable {
  // What we say.
  case helpTexts = "help-texts"
  case errorWords = "error-words"
  case errorStatus = "error-status"
  case noInternals = "no-internals"
  case precision = "yaml-precision"
  // What works here and did not there.
  case devRun = "dev-run"
  case devStored = "dev-stored"
  case devFrom = "dev-from"
  case addUser = "adduser"
  case defaultAddress = "default-address"
  case neverHangs = "never-hangs"
  case neverDies = "never-dies"
  case variables = "variables"
  case healthyAll = "healthy-all"
  case runAgain = "run-again"
  case oddIDs = "odd-ids"
  case mesosNotAsked = "mesos-not-asked"
  case layers = "layers"
  case layerShown = "layer-shown"
  case agentsFresh = "agents-fresh"
  case serverAwaited = "server-awaited"
  case mergeAllFields = "merge-all-fields"
  case conflictRetried = "conflict-retried"
  case failureInDoubt = "failure-in-doubt"
  // What is refused here and was not there.
  case refusedOnAdd = "refused-on-add"
  case idsOnce = "ids-once"
  case circles = "circles"
  // The server.
  case marathonAtStart = "marathon-at-start"
  case startRefused = "start-refused"
  case noStorage = "no-storage"
  case bootstrap = "bootstrap"
  case terminated = "sigterm"
  // Chance.
  case order = "marathon-order"
  // Later versions.
  case laterRunOnce = "later-run-once"
  case laterTaskRunners = "later-task-runners"
  case laterMesos = "later-mesos"
  case laterCassandra = "later-cassandra"
  case laterSchedules = "later-schedules"
}
