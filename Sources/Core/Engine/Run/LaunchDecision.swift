import JSON
import StackModel
import Store

/// What a launch does, given what is wanted and what was found.
enum LaunchDecision: Sendable, Hashable {
  /// It runs as wanted already.
  case leave(version: String)
  case change(JournalEntry.Change.Kind)
  /// Other deployments hold it; an update would be refused.
  case waitForDeployments([String])
  case refuse(reason: String, originalText: String?)

  init(
    wanted: JSON, live: LiveApplication?, owner: OwnershipRecord?, stack: String, zone: String,
    existing: RunRequest.Existing
  ) {
    guard let live else {
      self = .change(.create)
      return
    }
    if existing == .fail {
      let text = "An app with id [\(live.id)] already exists."
      self = .refuse(
        reason: "an application \(live.id) is on the cluster already, and this run is to fail then (--existing fail)",
        originalText: "Marathon API error: \(text)")
      return
    }
    let isOwned = Self.isOwned(live, owner, stack, zone)
    let isUnchanged = owner?.definition.isEquivalent(to: wanted) ?? true && DefinitionMatch.matches(wanted, live: live)
    guard isOwned || existing == .adopt else {
      self = .foreign(live, owner)
      return
    }
    if isUnchanged {
      self = isOwned ? .leave(version: live.version) : .change(.adopt)
    } else if live.deployments.isEmpty {
      self = .change(.update)
    } else {
      self = .waitForDeployments(live.deployments)
    }
  }

  /// What a restart does: nothing but what the stack owns is restarted.
  init(restarting live: LiveApplication, owner: OwnershipRecord?, stack: String, zone: String) {
    guard Self.isOwned(live, owner, stack, zone) else {
      self = .foreign(live, owner)
      return
    }
    self = live.deployments.isEmpty ? .change(.restart) : .waitForDeployments(live.deployments)
  }

  private static func isOwned(
    _ live: LiveApplication, _ owner: OwnershipRecord?, _ stack: String, _ zone: String
  ) -> Bool {
    owner.map { $0.isOf(stack: stack, zone: zone) && $0.covers(live) } ?? false
  }

  private static func foreign(_ live: LiveApplication, _ owner: OwnershipRecord?) -> Self {
    let whose =
      owner.map { "belongs to \($0.place) (run \($0.run))" }
      ?? "is on the cluster already and was not deployed by this stack"
    return .refuse(
      reason: "application \(live.id) \(whose); --existing adopt takes it over",
      originalText: "Marathon API error: An app with id [\(live.id)] already exists.")
  }
}

extension OwnershipRecord {
  func isOf(stack: String, zone: String) -> Bool { self.stack == stack && self.zone == zone }

  /// Whether the application on the cluster is what the record is about. A claim is noted before the change that it is for:
  /// one that was never confirmed says nothing of an application that does not carry the stack's labels. Somebody else
  /// may have made it.
  func covers(_ live: LiveApplication) -> Bool {
    definition != .null || DefinitionMatch.isLabelled(live, stack: stack, zone: zone)
  }
}

/// What the cluster shows of a change whose outcome was lost.
enum SettlingVerdict: Sendable, Hashable {
  case happened
  /// It looks as before.
  case notSeen
  /// Someone else changed the application since.
  case overwritten(String)
  /// What it shows does not tell; why.
  case unknown(String)

  init(change: JournalEntry.Change, live: LiveApplication?) {
    switch change.kind {
    case .adopt:
      // Nothing was to change on the cluster, only who owns it: writing that twice is harmless.
      self = .notSeen
    case .destroy:
      guard let live else {
        self = .happened
        return
      }
      self =
        live.version == change.versionBefore
        ? .notSeen
        : .overwritten("application \(live.id) was changed by someone else while it was to be removed; run it again")
    case .restart: self.init(restart: change, live: live)
    case .create, .update:
      guard let live, live.version != change.versionBefore else {
        self = .notSeen
        return
      }
      if DefinitionMatch.matches(change.definition, live: live) {
        self = .happened
      } else if DefinitionMatch.isOurs(change.definition, live: live) {
        // Nobody else creates an application with these labels; before an update it had them already, and somebody may
        // have scaled it since: then the update, which says the same however often it is sent, is sent again.
        self = change.kind == .create ? .happened : .notSeen
      } else {
        self = .overwritten(
          "application \(live.id) was changed by someone else while it was being launched; "
            + "run it again with --existing adopt to take it over")
      }
    }
  }
  /// A restart leaves nothing of its own: a new version of the same definition, and tasks of that version. Marathon 1.6
  /// shows a scaling in the same way, which is why the number of instances is compared, too.
  private init(restart change: JournalEntry.Change, live: LiveApplication?) {
    guard let live else {
      self = .overwritten("the application was removed by someone else while it was being restarted")
      return
    }
    guard live.version != change.versionBefore else {
      self = .notSeen
      return
    }
    let hasOldTasks = live.tasks.contains { $0.version.map { $0 != live.version } ?? false }
    if !DefinitionMatch.matches(change.definition, live: live) {
      self = .unknown("application \(live.id) has another definition now than it was deployed with")
    } else if live.deployments.isEmpty, hasOldTasks {
      self = .unknown("application \(live.id) has a new version, and tasks of a former one")
    } else {
      self = .happened
    }
  }
}
