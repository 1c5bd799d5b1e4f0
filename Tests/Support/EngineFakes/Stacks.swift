package import StackModel

/// An application of a test, small and without health checks.
package func application(
  _ id: String, after dependencies: [String] = [], hooks: [HookPlace] = [],
  _ adjust: (inout Application) -> Void = { _ in }
) -> Application {
  var application = Application()
  application.type = "web"
  application.id = id
  application.cpu = 0.1
  application.mem = 32
  application.launchCommand = "run \(id)"
  application.dependencies = dependencies
  for place in hooks { application.hooks[place] = ["\(id) \(place.rawValue)"] }
  adjust(&application)
  return application
}

package func stack(_ applications: Application...) -> Stack { stack(applications) }

package func stack(_ applications: [Application]) -> Stack {
  Stack(name: "s", applications: OrderedMap(applications.map { ($0.id, $0) }))
}
