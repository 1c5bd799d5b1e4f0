/// Why an agent's offer was not taken, in the order in which Marathon looks.
enum Rejection: String, Sendable, Hashable, CaseIterable {
  case unfulfilledRole = "UnfulfilledRole"
  case unfulfilledConstraint = "UnfulfilledConstraint"
  case noCorrespondingReservation = "NoCorrespondingReservationFound"
  case agentMaintenance = "AgentMaintenance"
  case insufficientCpus = "InsufficientCpus"
  case insufficientMemory = "InsufficientMemory"
  case insufficientDisk = "InsufficientDisk"
  case insufficientGpus = "InsufficientGpus"
  case insufficientPorts = "InsufficientPorts"
  case declinedScarceResources = "DeclinedScarceResources"
}
