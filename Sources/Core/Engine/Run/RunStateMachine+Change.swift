import Concurrency
import Crypto
import JSON
import StackModel
import Store

/// The steps that change the cluster: `launch` and `destroy`. Look, decide, journal the intent, do it, journal the outcome;
/// where the outcome is not known, ask before anything is repeated.
extension RunStateMachine {
  mutating func performChange(_ place: Int, _ reference: StepReference, at now: Timestamp) {
    switch walks[place].stage {
    case .fresh:
      record(.began(reference, until: now + plan.maxWait), at: now)
      look(place, .observing)
    case .begun:
      look(place, .observing)
    case .intended:
      setWaiting(place, .settling("asks the cluster whether the change happened that was under way"), at: now)
      look(place, .settling)
    }
  }

  mutating func look(_ place: Int, _ activity: ApplicationWalk.Activity) {
    let token = walks[place].start(activity)
    let wantsAgents = activity == .observing && walks[place].template.map { wantsAllAgents($0) } ?? false
    actions.append(
      .observe(
        ObservationOrder(
          application: walks[place].id, clusterID: walks[place].clusterID, token: token, wantsOwner: true,
          wantsAgents: wantsAgents)))
  }

  mutating func observed(_ place: Int, _ result: Result<Observation, ClusterError>, at now: Timestamp) {
    let activity = walks[place].activity
    guard let reference = walks[place].reference else { return }
    if phase == .ending {
      lastLook(place, reference, result, at: now)
      return
    }
    switch result {
    case .failure(let error):
      walks[place].activity = .idle
      guard error.isTransient, !isLate(place, at: now) else {
        fail(place, failure(place, error), at: now)
        return
      }
      walks[place].firstRead = nil
      let wait = activity == .reading ? pollPause(place) : retryPause(place)
      rest(place, .init(error), for: wait, at: now)
    case .success(let seen):
      walks[place].live = seen.live
      switch activity {
      case .observing:
        if reference.step == .destroy {
          decideRemoval(place, reference, seen, at: now)
        } else {
          decideLaunch(place, reference, seen, at: now)
        }
      case .settling: settle(place, reference, seen, at: now)
      case .reading: judge(place, reference, seen, at: now)
      default: break
      }
    }
  }

  // MARK: Deciding

  private mutating func decideLaunch(
    _ place: Int, _ reference: StepReference, _ seen: Observation, at now: Timestamp
  ) {
    let definition: JSON
    switch self.definition(of: walks[place], seen) {
    case .failure(let failure):
      fail(place, failure, at: now)
      return
    case .success(let built): definition = built
    }
    switch decision(place, definition, seen) {
    case .leave(let version):
      succeed(place, .init(change: .unchanged, version: version), at: now)
    case .refuse(let reason, let originalText):
      fail(place, failure(place, reason, originalText: originalText, cause: .conflict), at: now)
    case .waitForDeployments(let deployments):
      if isLate(place, at: now) {
        fail(
          place,
          failure(
            place,
            "other deployments on the cluster still hold it (\(deployments.joined(separator: ", "))); "
              + "end them, or take the stack down and run it again",
            cause: .conflict),
          at: now)
      } else {
        rest(place, .deploymentLocked(deployments), for: retryPause(place), at: now)
      }
    case .change(let kind):
      let change = JournalEntry.Change(
        kind: kind, definition: definition, digest: hex(Digest.sha256(definition.canonical.bytes)),
        versionBefore: seen.live?.version)
      // A restart changes nothing of what the stack owns.
      let claim =
        kind == .restart ? nil : claim(for: walks[place], definition, seen.owner, versionBefore: seen.live?.version)
      make(place, reference, change, ownerBefore: seen.owner, owner: claim, at: now)
    }
  }

  private func decision(_ place: Int, _ definition: JSON, _ seen: Observation) -> LaunchDecision {
    let work = walks[place].caller?.work
    if work == .restart, let live = seen.live {
      return LaunchDecision(restarting: live, owner: seen.owner, stack: plan.stack.name, zone: plan.zone)
    }
    return LaunchDecision(
      wanted: definition, live: seen.live, owner: seen.owner, stack: plan.stack.name, zone: plan.zone,
      // What is scaled must be the stack's own already.
      existing: work == .scale ? .converge : plan.existing)
  }

  private func claim(
    for walk: ApplicationWalk, _ definition: JSON, _ owner: OwnershipRecord?, versionBefore: String?
  ) -> OwnershipClaim {
    let dependencies =
      switch walk.caller?.work {
      case nil: walk.dependencies.map { clusterID(of: $0) }
      // What it was deployed after does not change with how many there are.
      case .scale: owner?.dependencies ?? []
      case .deploy, .restart, .destroy, .waitHealthy: deployed(before: walk)
      }
    return OwnershipClaim(
      revision: plan.revision, versionBefore: versionBefore, definition: definition, dependencies: dependencies)
  }

  /// What the same script has deployed before, the latest at the end, as cluster ids: `down` removes what came later first.
  private func deployed(before walk: ApplicationWalk) -> [String] {
    var earlier: [String] = []
    var seen: Set<String> = []
    for other in walks where other.caller?.work == .deploy && other.caller?.step == walk.caller?.step {
      // Deployed for the second time, it stays where it was.
      if other.clusterID == walk.clusterID { break }
      if other.state == .done, seen.insert(other.clusterID).inserted { earlier.append(other.clusterID) }
    }
    return earlier.suffix(Self.mostPredecessors)
  }

  /// So many keep the order, although some of them are gone by then.
  private static let mostPredecessors = 20

  private mutating func decideRemoval(
    _ place: Int, _ reference: StepReference, _ seen: Observation, at now: Timestamp
  ) {
    guard let live = seen.live else {
      succeed(place, .init(change: .absent), at: now)
      return
    }
    guard let owner = seen.owner, owner.isOf(stack: plan.stack.name, zone: plan.zone) else {
      let owner = seen.owner.map { $0.place } ?? "nobody we know"
      fail(place, failure(place, "not removed: it now belongs to \(owner)", cause: .conflict), at: now)
      return
    }
    guard owner.covers(live) else {
      // Nothing of this stack's is there: only the claim is to be given up.
      succeed(place, .init(change: .absent), at: now)
      return
    }
    let change = JournalEntry.Change(kind: .destroy, definition: nil, digest: "", versionBefore: live.version)
    make(place, reference, change, ownerBefore: owner, owner: nil, at: now)
  }

  private mutating func make(
    _ place: Int, _ reference: StepReference, _ change: JournalEntry.Change, ownerBefore: OwnershipRecord?,
    owner: OwnershipClaim?, at now: Timestamp
  ) {
    record(.intent(reference, .change(change)), at: now)
    let token = walks[place].start(.changing)
    actions.append(
      .change(
        ChangeOrder(
          application: walks[place].id, clusterID: walks[place].clusterID, token: token, change: change,
          ownerBefore: ownerBefore, owner: owner)))
  }

  // MARK: Outcomes

  mutating func changed(_ place: Int, _ result: Result<ClusterChange, ClusterError>, at now: Timestamp) {
    let isSettled = walks[place].activity == .confirming
    guard isSettled || walks[place].activity == .changing, let reference = walks[place].reference,
      case .intended(.change(let change)) = walks[place].stage
    else { return }
    walks[place].activity = .idle
    walks[place].waiting = nil
    switch result {
    case .success(let done):
      succeed(
        place,
        .init(
          change: change.kind.result, deployment: done.deployment, version: done.version, isSettled: isSettled),
        at: now)
    case .failure(let error) where isSettled:
      // Still in doubt: the cluster is asked again.
      again(place, .init(error), at: now)
    case .failure(let error):
      switch error.code {
      case .undecided, .failed, .unintelligible:
        record(.outcome(reference, .undecided(error.message)), at: now)
        walks[place].doubt = error
        if phase == .ending {
          look(place, .settling)
        } else {
          again(place, .init(error), at: now)
        }
      case .exists, .unavailable, .storeUnavailable, .cancelled, .locked:
        record(.outcome(reference, .notPerformed(error.message)), at: now)
        if isLate(place, at: now) {
          fail(place, failure(place, error), at: now)
        } else if case .locked(let deployments) = error.code {
          again(place, .deploymentLocked(deployments), at: now)
        } else {
          again(place, .init(error), at: now)
        }
      case .notFound where change.kind == .destroy:
        succeed(place, .init(change: .absent), at: now)
      case .notFound:
        record(.outcome(reference, .notPerformed(error.message)), at: now)
        again(place, .init(error), at: now)
      case .invalid, .unauthorized:
        fail(place, failure(place, error), at: now)
      }
    }
  }

  private mutating func again(_ place: Int, _ cause: WaitingReason.Cause, at now: Timestamp) {
    guard phase == .walking, !isStopping else { return }
    rest(place, cause, for: retryPause(place), at: now)
  }

  // MARK: Doubt

  /// The change was under way when its outcome was lost. The application tells whether it happened; that it did not
  /// is believed only when nothing is under way for it and two reads, some seconds apart, agree.
  private mutating func settle(
    _ place: Int, _ reference: StepReference, _ seen: Observation, at now: Timestamp
  ) {
    guard case .intended(.change(let change)) = walks[place].stage else { return }
    walks[place].activity = .idle
    let verdict = SettlingVerdict(change: change, live: seen.live)
    switch verdict {
    case .happened:
      confirm(place, change, seen, at: now)
    case .overwritten(let reason):
      fail(place, failure(place, reason, cause: .conflict), at: now)
    case .unknown(let reason):
      blockCaller(of: place, reason, at: now)
    case .notSeen:
      // A removal makes deployments moot, also those that cannot end.
      let isBusy = change.kind != .destroy && !(seen.live?.deployments ?? []).isEmpty
      let cause = WaitingReason.Cause.settling(
        isBusy
          ? "waits for the deployments that are under way before it repeats the change"
          : "makes sure that the change that was under way did not happen")
      if !isBusy, let first = walks[place].firstRead, first.version == seen.live?.version,
        now - first.at >= options.timing.settleInterval
      {
        walks[place].waiting = nil
        record(
          .outcome(reference, .notPerformed("the cluster was asked: the change did not happen")), at: now)
        let isFinal = walks[place].doubt?.code == .failed
        if isFinal || isLate(place, at: now) {
          let late = failure(place, "the cluster did not take the change in time", cause: .timeout)
          fail(place, walks[place].doubt.map { failure(place, $0) } ?? late, at: now)
        } else {
          advance(place, at: now)
        }
      } else if isBusy, isLate(place, at: now) {
        fail(
          place,
          failure(
            place, "the cluster did not come to rest in time after a change whose outcome was lost", cause: .timeout),
          at: now)
      } else {
        if isBusy {
          walks[place].firstRead = nil
        } else if walks[place].firstRead?.version != seen.live?.version || walks[place].firstRead == nil {
          walks[place].firstRead = .init(at: now, version: seen.live?.version)
        }
        setWaiting(place, cause, at: now)
        walks[place].activity = .resting(until: now + options.timing.settleInterval)
      }
    }
  }

  /// The change was found to have happened: what is left is to note whose the application is.
  private mutating func confirm(_ place: Int, _ change: JournalEntry.Change, _ seen: Observation, at now: Timestamp) {
    guard change.kind != .destroy, change.kind != .restart else {
      let version = change.kind == .restart ? seen.live?.version : nil
      succeed(place, .init(change: change.kind.result, version: version, isSettled: true), at: now)
      return
    }
    var order = ChangeOrder(
      application: walks[place].id, clusterID: walks[place].clusterID, token: walks[place].start(.confirming),
      change: change, ownerBefore: seen.owner,
      owner: claim(for: walks[place], change.definition, seen.owner, versionBefore: change.versionBefore))
    order.isSettled = true
    order.versionNow = seen.live?.version
    actions.append(.change(order))
  }

  /// A run that ends asks once what became of a change whose outcome it does not know. That it happened can be told so,
  /// that it did not cannot: then the doubt is noted.
  private mutating func lastLook(
    _ place: Int, _ reference: StepReference, _ result: Result<Observation, ClusterError>, at now: Timestamp
  ) {
    walks[place].activity = .idle
    guard case .intended(.change(let change)) = walks[place].stage else { return }
    switch result {
    case .success(let seen) where SettlingVerdict(change: change, live: seen.live) == .happened:
      confirm(place, change, seen, at: now)
    case .success:
      record(.outcome(reference, .undecided("the run ended before it was certain")), at: now)
    case .failure(let error):
      record(.outcome(reference, .undecided(error.message)), at: now)
    }
  }
}

extension JournalEntry.Change.Kind {
  var result: ApplicationStatus.Change {
    switch self {
    case .create: .created
    case .update: .updated
    case .adopt: .adopted
    case .restart: .restarted
    case .destroy: .destroyed
    }
  }
}

extension OwnershipRecord {
  var place: String { zone.isEmpty ? "stack \(stack)" : "stack \(stack) in zone \(zone)" }
}
