import StackModel
import Store

/// Follows `from` through the store.
struct StackLineage: Sendable {
  let store: any Store

  /// The stack and all that it inherits from, itself first. Parents count with their latest revision.
  func chain(
    of name: String, revision: Int?, missing: EngineError.Code
  ) async throws(EngineError) -> [StackRecord] {
    var chain: [StackRecord] = []
    var next = name
    while !next.isEmpty {
      guard !chain.contains(where: { $0.name == next }) else {
        let names = (chain.map(\.name) + [next]).joined(separator: " → ")
        throw EngineError(.invalid, "stacks inherit from each other: \(names)")
      }
      let record: StackRecord?
      do {
        record = try await store.stack(named: next, revision: chain.isEmpty ? revision : nil)
      } catch {
        throw EngineError(error)
      }
      guard let record else {
        let what =
          revision != nil && chain.isEmpty ? "\(next) has no revision \(revision ?? 0)" : "there is no stack \(next)"
        let why = chain.last.map { ", from which \($0.name) inherits" } ?? ""
        throw EngineError(missing, what + why, originalText: "Stack does not exist")
      }
      chain.append(record)
      next = record.stack.from
    }
    return chain
  }

  /// The layers of a zone, the zone first. Each must be of a higher level than the one before; any stack may serve as a
  /// zone, and may inherit from others of its kind.
  func layers(of zone: String) async throws(EngineError) -> [StackRecord] {
    let layers = try await chain(of: zone, revision: nil, missing: .zoneNotFound)
    for layer in layers where LayerLevel(rawValue: layer.number) == nil {
      throw EngineError(
        .invalid,
        "\(layer.name) is no layer: its level \(layer.number) is none of 0 (zone), 1 (cluster), 2 (datacenter)",
        originalText: "Can't create layer \(layer.name) with level \(layer.number)")
    }
    if let first = layers.first, first.number > 0 {
      throw EngineError(
        .invalid, "\(zone) is a \(first.levelName) layer and cannot be a zone",
        originalText: "Can't create layer \(zone) with level \(first.number)")
    }
    for (child, parent) in zip(layers, layers.dropFirst()) where parent.number < child.number {
      throw EngineError(
        .invalid,
        "the layers of zone \(zone) are in the wrong order: \(child.name) (\(child.levelName)) inherits from "
          + "\(parent.name) (\(parent.levelName)), which is not above it",
        originalText: "Can't merge layer level \(parent.number) with level \(child.number)")
    }
    return layers
  }
}

extension StackRecord {
  fileprivate var number: Int { level?.rawValue ?? stack.layer }
  fileprivate var levelName: String { LayerLevel(rawValue: number)?.name ?? "level \(number)" }
}
