import Testing

@testable import StackModel

@Suite struct InstancesTests {
  @Test(arguments: [("", Instances.count(1)), ("3", .count(3)), ("+2", .count(2)), ("all", .all), ("007", .count(7))])
  func accepted(text: String, instances: Instances) throws {
    #expect(try Instances(text) == instances)
  }

  @Test(arguments: ["0", "-1", "ALL", "1.5", "0x1", " 1", "1_000", "99999999999999999999"])
  func refused(text: String) {
    #expect(throws: InstancesError(written: text)) { try Instances(text) }
  }

  private let cluster = ClusterSnapshot(
    agents: [
      .init(hostname: "h0", attributes: ["rack": "r1"]), .init(hostname: "h1", attributes: ["rack": "r1"]),
      .init(hostname: "h2", attributes: ["rack": "r2"]), .init(hostname: "h3", attributes: ["rack": ""]),
    ], activatedCount: 7)

  @Test(arguments: [
    ([], 7), ([["rack", "UNIQUE"]], 2), ([["rack", "CLUSTER"]], 2), ([["hostname", "UNIQUE"]], 4),
    ([["rack", "UNLIKE", "r1"]], 1), ([["none", "UNLIKE", "x"]], 0),
    ([["rack", "LIKE", "r1"], ["hostname", "LIKE", "1"]], 1),
    ([["rack", "CLUSTER", "r2"]], 1),
  ])
  func allCountsTheAgentsThatSatisfyTheConstraints(constraints: [[String]], count: Int) throws {
    var application = Application()
    application.instances = "all"
    application.constraints = constraints
    #expect(try application.instanceCount(in: cluster) == count)
    application.instances = "5"
    #expect(try application.instanceCount(in: cluster) == 5)
  }
}
