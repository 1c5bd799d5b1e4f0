import Engine

/// An application whose logs belong to those of a run.
struct LoggedApplication: Sendable {
  /// Its name in the run, by which hooks are kept; nil for one that only scripts work on.
  let name: String?
  /// Its id on the cluster; nil for the function of a stack, which is nothing there.
  let id: String?

  /// Those of a run in its order, each followed by what its scripts work on.
  static func all(of status: RunStatus) -> [LoggedApplication] {
    let own = status.applications.map { application in
      LoggedApplication(
        name: application.id, id: application.operation == .run ? nil : id(ofApplication: application.id))
    }
    var seen = Set(own.compactMap(\.id))
    return zip(own, status.applications).flatMap { own, application in
      [own]
        + application.called.compactMap { called in
          seen.insert(called.id).inserted ? LoggedApplication(name: nil, id: called.id) : nil
        }
    }
  }

  static func id(ofApplication name: String) -> String { name.hasPrefix("/") ? name : "/" + name }

  /// What it is asked for by; one that scripts work on also without the slash.
  var title: String { name ?? id ?? "" }

  func isMeant(by text: String) -> Bool { name == text || name == nil && id == Self.id(ofApplication: text) }
}
