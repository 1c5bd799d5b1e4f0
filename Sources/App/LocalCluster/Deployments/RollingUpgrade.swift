/// How many old instances may go and how many new ones may come at this moment of an upgrade.
///
/// `minimumHealthCapacity` m, `maximumOverCapacity` o, n instances: at least ceil(m·n) are kept up, at most floor(n·(1+o)) exist. Where both
/// say n, one more may exist, else nothing could ever move.
struct RollingUpgrade: Sendable, Hashable {
  /// Wanted in the end.
  var instances: Int
  var strategy: AppDefinition.UpgradeStrategy
  /// Of another version, not told to go.
  var old: Int
  /// Of another version, told to go and not gone.
  var oldLeaving: Int
  /// Of the new version, not told to go.
  var new: Int
  /// Of those, up and healthy.
  var newReady: Int
  var newLeaving: Int

  var minimumUp: Int { Int((strategy.minimumHealthCapacity * Double(instances)).rounded(.up)) }

  var maximum: Int {
    let maximum = Int((Double(instances) * (1 + strategy.maximumOverCapacity)).rounded(.down))
    return maximum == instances && minimumUp == instances ? maximum + 1 : maximum
  }

  var kill: Int { min(old, max(0, old + newReady - minimumUp)) }

  var launch: Int {
    let room = maximum - (old + oldLeaving + new + newLeaving)
    return max(0, min(instances - new, room))
  }

  var isOver: Bool { old + oldLeaving == 0 && newReady >= instances && new == instances }
}
