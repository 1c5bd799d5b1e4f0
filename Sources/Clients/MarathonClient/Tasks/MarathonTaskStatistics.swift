/// Counts and lifetimes, apart for tasks of different age. A group without tasks is missing.
package struct MarathonTaskStatistics: Sendable, Hashable, Codable {
  package var startedAfterLastScaling: Group?
  package var withLatestConfig: Group?
  package var withOutdatedConfig: Group?
  package var totalSummary: Group?

  package struct Group: Sendable, Hashable, Codable {
    package var stats: Statistics
  }

  package struct Statistics: Sendable, Hashable, Codable {
    package var counts: Counts
    package var lifeTime: LifeTime?
  }

  package struct Counts: Sendable, Hashable, Codable {
    package var staged: Int
    package var running: Int
    package var healthy: Int
    package var unhealthy: Int
  }

  package struct LifeTime: Sendable, Hashable, Codable {
    package var averageSeconds: Double
    package var medianSeconds: Double
  }
}
