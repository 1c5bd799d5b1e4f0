package import Engine
import MarathonClient

extension MarathonCluster {
  /// Those after which an application may be what a run waits for, or may have become what it does not wait for. The
  /// others announce what these then tell, and are half of a busy Marathon's stream.
  private static let telling: Set<String> = [
    "status_update_event", "health_status_changed_event", "instance_health_changed_event", "failed_health_check_event",
    "unhealthy_instance_kill_event", "unhealthy_task_kill_event", "app_terminated_event", "deployment_success",
    "deployment_failed", "deployment_step_failure",
  ]

  package func events() -> AsyncStream<ClusterEvent> {
    AsyncStream { continuation in
      // Unstructured, because a stream is handed out whose reader decides how long it lives; its end cancels the task.
      let task = Task {
        do {
          for try await element in client.events(keeping: Self.telling) {
            if let event = ClusterEvent(element) { continuation.yield(event) }
          }
        } catch {
          // Only a cancellation ends Marathon's stream.
        }
        continuation.finish()
      }
      continuation.onTermination = { _ in task.cancel() }
    }
  }
}

extension ClusterEvent {
  init?(_ element: MarathonEventStream.Element) {
    switch element {
    case .connected: self = .connected
    case .disconnected(let reason), .unavailable(let reason): self = .disconnected(reason: reason)
    case .event(let event):
      guard let event = ClusterEvent(event) else { return nil }
      self = event
    }
  }

  private init?(_ event: MarathonEvent) {
    switch event {
    case .deploymentSuccess(let event):
      self = .deploymentEnded(
        id: event.id, succeeded: true, reason: nil, applications: Set(event.plan.affectedIDs))
    case .deploymentFailed(let event):
      self = .deploymentEnded(
        id: event.id, succeeded: false, reason: event.reason, applications: Set(event.plan.affectedIDs))
    case .deploymentInfo(let event), .deploymentStepSuccess(let event), .deploymentStepFailure(let event):
      self = .changed(applications: Set(event.plan.affectedIDs))
    case .statusUpdate(let update): self = .changed(applications: [update.appId])
    case .instanceChanged(let change): self = .changed(applications: [change.runSpecId])
    case .instanceHealthChanged(let change): self = .changed(applications: [change.runSpecId])
    case .healthStatusChanged(let change): self = .changed(applications: [change.appId])
    case .failedHealthCheck(let check): self = .changed(applications: [check.appId])
    case .unhealthyInstanceKill(let kill): self = .changed(applications: [kill.appId])
    case .appTerminated(let id): self = .changed(applications: [id])
    case .apiPost(let app, _): self = .changed(applications: [app.id])
    case .groupChangeSuccess, .groupChangeFailed, .streamAttached, .streamDetached, .other: return nil
    }
  }
}
