import JSON

extension Cluster {
  /// Of Mesos' `/master/state.json` what says which agents there are.
  var masterState: JSON {
    [
      "version": "1.6.2",
      "id": .string(frameworkId),
      "cluster": "stack-deploy",
      "activated_slaves": .integer(Int64(agents.count)),
      "deactivated_slaves": 0,
      "slaves": .array(agents.map(\.masterJSON)),
      "frameworks": [["id": .string(frameworkId), "name": "marathon", "active": true]],
    ]
  }
}
