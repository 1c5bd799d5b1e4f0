import StackModel
import StackServer

/// Stacks by their names, among which parents are looked up.
struct StackFamily {
  enum Parent {
    /// It inherits from nothing.
    case none
    /// With all that the parent inherits.
    case merged(Stack)
    /// Why it cannot be told what is inherited: a sentence, and no mistake.
    case unknown(String)
    case mistake(InheritanceError)
  }

  private let members: [String: [Stack]]

  init(_ stacks: [ReadStack]) {
    members = Dictionary(grouping: stacks.compactMap(\.decoding.stack), by: \.name)
  }

  func parent(of read: ReadStack) -> Parent {
    guard let stack = read.decoding.stack, !stack.from.isEmpty else { return .none }
    var chain = StackChain(stack)
    do throws(InheritanceError) {
      while let name = chain.missingParent {
        let found = members[name] ?? []
        // One that is in the chain already is a circle, however many are called so.
        if chain.stacks.contains(where: { $0.name == name }) { try chain.add(stack) }
        guard found.count == 1, let parent = found.first else { return .unknown(Self.note(name, found.count)) }
        try chain.add(parent)
      }
    } catch {
      return .mistake(error)
    }
    return Stack.merging(chain.stacks.dropFirst().reversed()).map { .merged($0) } ?? .none
  }

  private static func note(_ name: String, _ count: Int) -> String {
    let reason = count == 0 ? "is not among what is checked" : "is the name of \(count) stacks that are checked"
    return "the parent \(name) \(reason), so what is inherited is not looked at"
  }
}
