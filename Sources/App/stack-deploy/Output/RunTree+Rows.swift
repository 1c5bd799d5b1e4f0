import Concurrency
import StackAPI

extension RunTree {
  /// A line of the tree: an application of the run or, beneath it, one that a script of it works on.
  struct Row {
    enum Content {
      case application(APIApplicationStatus)
      /// The place of the row that it is beneath.
      case called(APICalledApplication, beneath: Int)
    }

    let content: Content

    /// Of the row that it is beneath.
    var parent: Int? {
      if case .called(_, let parent) = content { parent } else { nil }
    }

    var id: String {
      switch content {
      case .application(let application): application.id
      case .called(let called, _): called.id
      }
    }

    var state: String {
      switch content {
      case .application(let application): application.state
      case .called(let called, _): called.state
      }
    }

    var endedAt: Timestamp? {
      switch content {
      case .application(let application): application.endedAt
      case .called(let called, _): called.endedAt
      }
    }

    /// How much further to the right its id begins.
    var indentation: Int { parent == nil ? 0 : 3 }
  }

  /// In the order of the stack, each with what its scripts have called for, in the order of their first calls.
  static func rows(of status: APIRunStatus) -> [Row] {
    var rows: [Row] = []
    for application in status.applications {
      let place = rows.count
      rows.append(Row(content: .application(application)))
      rows += (application.called ?? []).map { Row(content: .called($0, beneath: place)) }
    }
    return rows
  }

  /// What stands before the marks of the rows that are shown.
  static func branches(of rows: [Row], hasMore: Bool) -> [String] {
    var branches: [String] = []
    // From the end: what comes below decides.
    var isLast = !hasMore
    var isLastOfParent = true
    for row in rows.reversed() {
      if row.parent == nil {
        branches.append(isLast ? "└─" : "├─")
        (isLast, isLastOfParent) = (false, true)
      } else {
        branches.append((isLast ? "   " : "│  ") + (isLastOfParent ? "└─" : "├─"))
        isLastOfParent = false
      }
    }
    return branches.reversed()
  }

  // MARK: Text

  func text(of row: Row) -> String {
    switch row.content {
    case .application(let application): text(of: application)
    case .called(let called, _): text(of: called)
    }
  }

  private func text(of application: APIApplicationStatus) -> String {
    var text = ""
    if let waiting = application.waiting, !["done", "failed", "skipped", "stopped"].contains(application.state) {
      if let step = application.step { text += "\(step): " }
      text += "\(waiting.sentence)\(duration(of: waiting))"
    } else {
      text += application.sentence
      if application.state == "running", let since = application.stepSince {
        text += "  \(elapsed(from: since, to: now))"
      }
    }
    if application.state == "done" {
      text += outcome(application.startedAt, application.endedAt, application.endpoint)
    }
    return text
  }

  private func text(of called: APICalledApplication) -> String {
    // A function is the only script that its line has.
    var text = called.script == "run" ? called.sentence : "\(called.script): \(called.sentence)"
    switch called.state {
    case "done": text += outcome(called.startedAt, called.endedAt, called.endpoint)
    case "failed", "stopped": break
    default:
      if let waiting = called.waiting {
        text += duration(of: waiting)
      } else if let start = called.startedAt {
        text += "  \(elapsed(from: start, to: now))"
      }
    }
    return text
  }

  private func outcome(_ start: Timestamp?, _ end: Timestamp?, _ endpoint: String?) -> String {
    var text = ""
    if let start, let end { text += "  \(elapsed(from: start, to: end))" }
    if let endpoint { text += "  \(endpoint)" }
    return text
  }
}
