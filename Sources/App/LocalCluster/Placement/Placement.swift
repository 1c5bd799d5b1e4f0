import JSON

/// An agent and the ports on it for one more instance.
struct Placement: Sendable, Hashable {
  var agent: Int
  var ports: [Int]
}

/// What is left of an agent at a moment.
struct AgentLoad: Sendable {
  var agent: Agent
  var cpus: Double
  var mem: Double
  var disk: Double
  var usedPorts: Set<Int>
  var instances: Int

  init(_ agent: Agent) {
    self.agent = agent
    cpus = agent.cpus
    mem = agent.mem
    disk = agent.disk
    usedPorts = []
    instances = 0
  }
}

/// Finds a place for one more instance, or says per agent why there is none.
struct PlacementSearch {
  var loads: [AgentLoad]
  /// Agents of the instances that constraints count.
  var placed: [Agent]
  /// Whether nothing else on this machine listens on the port.
  var isPortFree: (Int) -> Bool
  /// A number in `0..<bound`, for the place in the port range where the search starts.
  var pick: (Int) -> Int

  /// Sums of fractions such as 0.1 may miss the amount by a hair.
  private static let tolerance = 1e-6

  mutating func search(for app: AppDefinition) -> (placement: Placement?, rejections: [(agent: Int, reason: Rejection)])
  {
    var rejections: [(agent: Int, reason: Rejection)] = []
    // The emptiest agent first, so that instances spread.
    let order = loads.indices.sorted { (loads[$0].instances, $0) < (loads[$1].instances, $1) }
    for index in order {
      switch fit(app, on: loads[index]) {
      case .success(let ports): return (Placement(agent: index, ports: ports), rejections)
      case .failure(let failure): rejections.append((index, failure.reason))
      }
    }
    return (nil, rejections)
  }

  private struct Misfit: Error { var reason: Rejection }

  private func fit(_ app: AppDefinition, on load: AgentLoad) -> Result<[Int], Misfit> {
    if let roles = app.acceptedResourceRoles, !roles.contains("*") { return .failure(Misfit(reason: .unfulfilledRole)) }
    guard app.constraints.allSatisfy({ $0.allows(load.agent, placed: placed) }) else {
      return .failure(Misfit(reason: .unfulfilledConstraint))
    }
    if app.cpus > load.cpus + Self.tolerance { return .failure(Misfit(reason: .insufficientCpus)) }
    if app.mem > load.mem + Self.tolerance { return .failure(Misfit(reason: .insufficientMemory)) }
    if app.disk > load.disk + Self.tolerance { return .failure(Misfit(reason: .insufficientDisk)) }
    guard let ports = ports(for: app, on: load) else { return .failure(Misfit(reason: .insufficientPorts)) }
    return .success(ports)
  }

  /// The wanted ports where they are required, else a run of free ones from a random place on.
  private func ports(for app: AppDefinition, on load: AgentLoad) -> [Int]? {
    func isFree(_ port: Int) -> Bool {
      load.agent.ports.contains(port) && !load.usedPorts.contains(port) && isPortFree(port)
    }
    var wanted: [Int]
    if let mappings = app.portMappings {
      wanted = mappings.map { $0.hostPort ?? 0 }
    } else {
      wanted = app.requirePorts ? (app.portDefinitions ?? []).map(\.port) : Array(repeating: 0, count: app.portCount)
    }
    for port in wanted where port != 0 && !isFree(port) { return nil }
    var taken = Set(wanted.filter { $0 != 0 })
    let range = load.agent.ports
    var offset = wanted.contains(0) ? pick(range.count) : 0
    for index in wanted.indices where wanted[index] == 0 {
      var found: Int?
      for _ in 0..<range.count {
        let port = range.lowerBound + offset
        offset = (offset + 1) % range.count
        if !taken.contains(port), isFree(port) {
          found = port
          break
        }
      }
      guard let found else { return nil }
      wanted[index] = found
      taken.insert(found)
    }
    return wanted
  }
}
