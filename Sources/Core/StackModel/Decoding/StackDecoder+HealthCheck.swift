/// Health checks: the original's path, or our own map.
extension StackDecoder {
  private static let healthCheckFields = [
    "protocol", "path", "command", "port", "interval", "timeout", "grace", "failures",
  ]

  mutating func healthCheck(_ node: YAMLNode, into healthCheck: inout HealthCheck?) {
    let decoded: Decoded<HealthCheck> = follow(node) { decoder, node in
      guard case .mapping = node.content else {
        return decoder.text(node, as: .healthCheck).map(HealthCheck.path)
      }
      return decoder.healthCheckDefinition(node).map(HealthCheck.check)
    }
    switch decoded {
    // The original knows no difference between no path and an empty one.
    case .value(.path("")), .null: healthCheck = nil
    case .value(let value): healthCheck = value
    case .failed: break
    }
  }

  private mutating func healthCheckDefinition(_ node: YAMLNode) -> Decoded<HealthCheckDefinition> {
    var definition = HealthCheckDefinition(probe: .http)
    var probe: HealthCheckDefinition.Probe?
    let decoded = mapping(node, as: .healthCheck) { decoder, key, value in
      guard let name = decoder.key(key) else { return }
      decoder.inside(.key(name), key: key, value: value) { decoder in
        switch name {
        case "protocol": probe = decoder.probe(value)
        case "path": decoder.assign(decoder.text(value).map { $0 }, to: &definition.path, empty: nil)
        case "command": decoder.assign(decoder.text(value).map { $0 }, to: &definition.command, empty: nil)
        case "port": decoder.assign(decoder.wholeNumber(value).map { $0 }, to: &definition.port, empty: nil)
        case "interval": decoder.assign(decoder.duration(value).map { $0 }, to: &definition.interval, empty: nil)
        case "timeout": decoder.assign(decoder.duration(value).map { $0 }, to: &definition.timeout, empty: nil)
        case "grace": decoder.assign(decoder.duration(value).map { $0 }, to: &definition.grace, empty: nil)
        case "failures": decoder.assign(decoder.wholeNumber(value).map { $0 }, to: &definition.failures, empty: nil)
        default: decoder.unknown(name, key: key, among: Self.healthCheckFields)
        }
      }
    }
    definition.probe = probe ?? (definition.command == nil ? .http : .command)
    return decoded.map { definition }
  }

  private mutating func probe(_ node: YAMLNode) -> HealthCheckDefinition.Probe? {
    guard case .value(let name) = text(node) else { return nil }
    if let probe = HealthCheckDefinition.Probe(rawValue: name.uppercased()) { return probe }
    let known = HealthCheckDefinition.Probe.allCases.map(\.rawValue)
    let nearest = NearestName.to(name, among: known).map { ", did you mean \($0)?" } ?? ""
    error(
      .invalidValue, at: node, "unknown protocol \"\(name)\"",
      hint: "one of \(known.joined(separator: ", "))\(nearest)")
    return nil
  }

  /// Such as `500ms`; a number without a unit is refused, since nobody can tell what was meant.
  private mutating func duration(_ node: YAMLNode) -> Decoded<Duration> {
    switch text(node, as: .duration) {
    case .value(let text):
      do {
        return .value(try GoDuration.parse(text))
      } catch {
        self.error(.invalidValue, at: node, error.description)
        return .failed
      }
    case .null: return .null
    case .failed: return .failed
    }
  }
}
