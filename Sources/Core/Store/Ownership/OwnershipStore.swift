package import Concurrency
package import JSON

/// Which stack an application on a cluster belongs to. Outlives the journal of the run that deployed it.
package struct OwnershipRecord: Sendable, Hashable {
  /// The application's id on the cluster, with its leading slash.
  package var application: String
  package var stack: String
  package var zone: String
  /// The stack's revision that was deployed last.
  package var revision: Int
  /// The run that deployed it last.
  package var run: RunID
  /// The cluster's version of the application before that run touched it; `nil` if it did not exist.
  package var versionBefore: String?
  /// The definition that was sent last.
  package var definition: JSON
  /// Ids of applications of the same stack that it depends on: `down` ends dependents first.
  package var dependencies: [String]
  package var at: Timestamp
  /// Counts changes of this record, from 1.
  package var version: Int

  package init(
    application: String, stack: String, zone: String, revision: Int, run: RunID, versionBefore: String?,
    definition: JSON, dependencies: [String], at: Timestamp, version: Int = 1
  ) {
    self.application = application
    self.stack = stack
    self.zone = zone
    self.revision = revision
    self.run = run
    self.versionBefore = versionBefore
    self.definition = definition
    self.dependencies = dependencies
    self.at = at
    self.version = version
  }
}

package protocol OwnershipStore: Sendable {
  /// Of all that anyone owns, in the order asked for.
  func owners(of applications: [String]) async throws(StoreError) -> [OwnershipRecord]

  /// What a stack has deployed in a zone, bytewise by application.
  func ownership(stack: String, zone: String) async throws(StoreError) -> [OwnershipRecord]

  /// Version 1 claims an application (`.exists` if anyone owns it); above that, the stored version must be the one just
  /// before, else `.changed`. All of them in one commit, or none.
  func putOwnership(_ records: [OwnershipRecord], epoch: Epoch) async throws(StoreError)

  /// Does nothing if there is none.
  func removeOwnership(of application: String, epoch: Epoch) async throws(StoreError)
}

extension OwnershipStore {
  package func owner(of application: String) async throws(StoreError) -> OwnershipRecord? {
    try await owners(of: [application]).first
  }

  package func putOwnership(_ record: OwnershipRecord, epoch: Epoch) async throws(StoreError) {
    try await putOwnership([record], epoch: epoch)
  }
}
