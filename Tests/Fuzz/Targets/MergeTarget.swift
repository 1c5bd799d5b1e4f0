import JSON
import StackModel

extension FuzzTarget {
  /// Several stacks, one over the other: a source is cut at lines of `---`, the first one at the bottom.
  static let merge = FuzzTarget(
    name: "merge", summary: "stacks laid over each other; sources separated by lines of ---", longestInput: 4_096
  ) { bytes in
    let stacks = sources(in: bytes).compactMap { StackCheck.check($0).stack }
    guard let base = stacks.first else { return }

    let over = base.merging(Stack(name: base.name))
    try requireSame(over.json.text, base.json.text, "a child that says nothing changes its parent")

    for child in stacks {
      let once = base.merging(child)
      try checkForms(of: once)
      // What an application says alone is taken as it is, `null` and empty texts too; from the second time on it is
      // laid over itself, which must change nothing.
      guard !child.applications.contains(where: { $0.value.isNull }) else { continue }
      let twice = once.merging(child)
      try requireSame(
        twice.merging(child).json.text, twice.json.text, "a child laid over twice is not the same as once")
    }

    var chain = StackChain(stacks[stacks.count - 1])
    for parent in stacks.dropLast().reversed() {
      guard chain.missingParent != nil else { break }
      do { try chain.add(parent) } catch { break }
    }
    try checkForms(of: chain.merged)
    if let merged = try? chain.merged(inZone: StackChain(base)) {
      try require(merged.layer == chain.stack.layer, "the zone's level shows")
    }
  }

  private static func sources(in bytes: [UInt8]) -> [[UInt8]] {
    var sources: [[UInt8]] = [[]]
    for line in bytes.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false) {
      if line.elementsEqual("---".utf8) {
        sources.append([])
      } else {
        sources[sources.count - 1] += line + [UInt8(ascii: "\n")]
      }
    }
    return sources
  }
}
