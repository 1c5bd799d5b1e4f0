import Concurrency
import EngineFakes
import JSON
import StackModel
import Store
import Testing

@testable import Engine

@Suite struct LaunchDecisionTests {
  /// As Marathon 1.6 shows an application: filled in, old fields in their new form.
  private let shown: JSON = [
    "id": "/a", "backoffFactor": 1.15, "cmd": "run", "cpus": 0.1, "disk": 0, "instances": 2, "mem": 32,
    "env": ["STACK_LABELS": "stack=s"], "labels": ["stack": "s"], "executor": "", "requirePorts": true,
    "networks": [["mode": "host"]], "portDefinitions": [["port": 8080, "protocol": "tcp"], ["port": 10_001]],
    "fetch": [["uri": "http://h/x.tgz", "extract": true]], "constraints": [["hostname", "UNIQUE"]],
    "healthChecks": [["path": "/", "portIndex": 0, "protocol": "HTTP", "delaySeconds": 15]],
  ]

  private let sent: JSON = [
    "id": "a", "cmd": "run", "cpus": 0.1, "mem": 32.0, "instances": 2, "env": ["STACK_LABELS": "stack=s"],
    "labels": ["stack": "s"], "requirePorts": true, "ports": [8080, 0], "uris": ["http://h/x.tgz"],
    "constraints": [["hostname", "UNIQUE"]], "healthChecks": [["path": "/", "portIndex": 0, "protocol": "HTTP"]],
    "args": [], "user": nil,
  ]

  private func live(_ definition: JSON, version: String = "v2", deployments: [String] = []) -> LiveApplication {
    LiveApplication(id: "/a", version: version, definition: definition, instances: 2, deployments: deployments)
  }

  private func with(_ name: String, _ value: JSON?, in definition: JSON) -> JSON {
    var object = definition.objectValue ?? [:]
    object[name] = value
    return .object(object)
  }

  private func owner(_ stack: String, _ definition: JSON) -> OwnershipRecord {
    OwnershipRecord(
      application: "/a", stack: stack, zone: "", revision: 1, run: RunID(1), versionBefore: nil,
      definition: definition, dependencies: [], at: Timestamp(millisecondsSinceEpoch: 0))
  }

  private func decide(
    _ live: LiveApplication?, _ owner: OwnershipRecord?, existing: RunRequest.Existing = .converge
  ) -> LaunchDecision {
    LaunchDecision(wanted: sent, live: live, owner: owner, stack: "s", zone: "", existing: existing)
  }

  @Test func whatTheClusterFillsInIsNoDifference() {
    #expect(DefinitionMatch.matches(sent, live: live(shown)))
  }

  private static let differences: [(String, JSON)] = [
    ("cmd", "other"), ("cpus", 0.2), ("instances", 3), ("env", ["STACK_LABELS": "stack=s", "X": "1"]),
    ("labels", [:]), ("constraints", [["rack", "UNIQUE"]]), ("requirePorts", false), ("args", ["-v"]), ("user", "root"),
    ("portDefinitions", [["port": 8081], ["port": 10_001]]), ("portDefinitions", [["port": 8080]]),
    ("healthChecks", [["path": "/other", "portIndex": 0, "protocol": "HTTP"]]), ("healthChecks", []),
  ]

  @Test(arguments: differences)
  func whatSomeoneChangedIsADifference(_ name: String, _ value: JSON) {
    #expect(!DefinitionMatch.matches(sent, live: live(with(name, value, in: shown))))
  }

  @Test func decisions() {
    #expect(decide(nil, nil) == .change(.create))
    #expect(decide(nil, owner("other", sent)) == .change(.create))
    #expect(decide(live(shown), owner("s", sent)) == .leave(version: "v2"))
    // A field that comes back in another form is compared with what was sent last.
    #expect(decide(live(shown), owner("s", with("uris", ["http://h/old.tgz"], in: sent))) == .change(.update))
    #expect(decide(live(shown), owner("s", .null)) == .change(.update))
    #expect(decide(live(with("mem", 64, in: shown)), owner("s", sent)) == .change(.update))
    #expect(
      decide(live(with("mem", 64, in: shown), deployments: ["d"]), owner("s", sent)) == .waitForDeployments(["d"]))
    #expect(decide(live(shown), nil, existing: .adopt) == .change(.adopt))
    #expect(decide(live(with("mem", 64, in: shown)), nil, existing: .adopt) == .change(.update))
    // A claim that was never confirmed is none on what somebody else has made meanwhile.
    let foreign = live(with("labels", ["stack": "other"], in: shown))
    guard case .refuse = decide(foreign, owner("s", .null)) else {
      Issue.record("somebody else's application is taken over")
      return
    }
    for (owner, existing) in [
      (nil, RunRequest.Existing.converge), (owner("other", sent), .converge), (owner("s", sent), .fail),
    ] {
      guard case .refuse(_, let original) = decide(live(shown), owner, existing: existing) else {
        Issue.record("not refused: \(String(describing: owner?.stack)) \(existing)")
        continue
      }
      #expect(original == "Marathon API error: An app with id [/a] already exists.")
    }
  }

  @Test func onlyWhatTheStackOwnsIsRestarted() {
    func decide(_ live: LiveApplication, _ owner: OwnershipRecord?) -> LaunchDecision {
      LaunchDecision(restarting: live, owner: owner, stack: "s", zone: "")
    }
    #expect(decide(live(shown), owner("s", sent)) == .change(.restart))
    #expect(decide(live(shown, deployments: ["d"]), owner("s", sent)) == .waitForDeployments(["d"]))
    for (owner, reason) in [
      (nil, "was not deployed by this stack"), (owner("other", sent), "belongs to stack other"),
    ] {
      guard case .refuse(let text, _) = decide(live(shown), owner) else {
        Issue.record("restarted, though it \(reason)")
        continue
      }
      #expect(text.contains(reason))
    }
  }

  @Test func verdictsAboutALostRestart() {
    func verdict(_ live: LiveApplication?) -> SettlingVerdict {
      SettlingVerdict(
        change: .init(kind: .restart, definition: sent, digest: "", versionBefore: "v1"), live: live)
    }
    func live(_ version: String, of task: String?, _ deployments: [String] = []) -> LiveApplication {
      var live = self.live(shown, version: version, deployments: deployments)
      live.tasks = [LiveTask(id: "t", host: "h", ports: [], state: "TASK_RUNNING", version: task)]
      return live
    }
    #expect(verdict(live("v1", of: "v1")) == .notSeen)
    #expect(verdict(live("v1", of: "v0", ["d"])) == .notSeen)
    #expect(verdict(live("v2", of: "v2")) == .happened)
    #expect(verdict(live("v2", of: nil)) == .happened)
    // Its own deployment replaces the old tasks yet.
    #expect(verdict(live("v2", of: "v1", ["d"])) == .happened)
    // Scaled by somebody, and back: no task was replaced.
    guard case .unknown = verdict(live("v2", of: "v1")),
      case .unknown = verdict(self.live(with("instances", 3, in: shown))),
      case .unknown = verdict(self.live(with("mem", 64, in: shown)))
    else {
      Issue.record("taken for a restart, or for none")
      return
    }
    guard case .overwritten = verdict(nil) else {
      Issue.record("\(verdict(nil))")
      return
    }
  }

  @Test func verdictsAboutALostOutcome() {
    func verdict(_ kind: JournalEntry.Change.Kind, before: String?, _ live: LiveApplication?) -> SettlingVerdict {
      SettlingVerdict(
        change: .init(kind: kind, definition: kind == .destroy ? .null : sent, digest: "", versionBefore: before),
        live: live)
    }
    #expect(verdict(.create, before: nil, nil) == .notSeen)
    #expect(verdict(.create, before: nil, live(shown)) == .happened)
    #expect(verdict(.update, before: "v1", live(shown)) == .happened)
    #expect(verdict(.update, before: "v2", live(shown)) == .notSeen)
    // Somebody scaled it: that an update arrived before that is not proven, that a launch did is.
    #expect(verdict(.update, before: "v1", live(with("mem", 64, in: shown))) == .notSeen)
    #expect(verdict(.create, before: nil, live(with("mem", 64, in: shown))) == .happened)
    #expect(verdict(.destroy, before: "v2", live(shown)) == .notSeen)
    #expect(verdict(.destroy, before: "v2", nil) == .happened)
    for other in [
      verdict(.destroy, before: "v1", live(shown)),
      verdict(.create, before: nil, live(with("labels", ["stack": "other"], in: shown))),
    ] {
      guard case .overwritten = other else {
        Issue.record("\(other)")
        continue
      }
    }
  }
}
