import Engine
import StackModel

/// An application whose logs belong to those of a run.
enum LoggedApplication: Sendable {
  /// Of the run, by its name.
  case own(String)
  /// The function of a stack, by the stack's name: nothing on the cluster, also where an application has that name.
  case function(String)
  /// What only scripts work on, by its id on the cluster.
  case called(String)

  /// Those of a run in its order, each followed by what its scripts work on.
  static func all(of status: RunStatus) -> [LoggedApplication] {
    let own = status.applications.map { $0.operation == .run ? function($0.id) : .own($0.id) }
    var seen = Set(own.compactMap(\.id))
    return zip(own, status.applications).flatMap { own, application in
      [own] + application.called.map(\.id).filter { seen.insert($0).inserted }.map { .called($0) }
    }
  }

  /// By which hooks are kept.
  var name: String? {
    switch self {
    case .own(let name), .function(let name): name
    case .called: nil
    }
  }

  /// On the cluster.
  var id: String? {
    switch self {
    case .own(let name): clusterID(of: name)
    case .function: nil
    case .called(let id): id
    }
  }

  /// What it is asked for by.
  var title: String {
    switch self {
    case .own(let text), .function(let text), .called(let text): text
    }
  }

  /// What scripts work on is asked for without the slash as well.
  func isMeant(by text: String) -> Bool {
    switch self {
    case .own(let name), .function(let name): name == text
    case .called(let id): id == clusterID(of: text)
    }
  }
}
