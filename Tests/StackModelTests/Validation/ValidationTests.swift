import Testing

@testable import StackModel

@Suite struct ValidationTests {
  static var valid: Application {
    var application = Application()
    application.type = "x"
    application.id = "i"
    application.cpu = 1
    application.mem = 1
    return application
  }

  private func problems(runners: Set<String> = [], _ change: (inout Application) -> Void) -> [ValidationProblem] {
    var application = Self.valid
    change(&application)
    return Stack(name: "s", applications: ["a": application]).problems(taskRunners: runners)
  }

  @Test func aCompleteApplicationIsValid() {
    #expect(problems { _ in }.isEmpty)
  }

  @Test func allProblemsComeAtOnceInTheOriginalsOrder() {
    let problems = problems {
      $0 = Application()
      $0.tasks = [ApplicationTask("t")]
      $0.instances = "ALL"
      $0.constraints = [["rack", "like", "r"], []]
    }
    #expect(
      problems.map(\.original) == [
        "No application type", "No task runner available for application", "No application ID",
        "Invalid application CPU", "Invalid application Mem", InstancesError.originalText,
        "Unsupported constraint: [like r]", "Invalid constraint",
      ])
    #expect(problems.first?.originalText == "Invalid application a: No application type")
    #expect(problems[5].description.hasSuffix("not 'ALL'; write all in lower case"))
    #expect(problems[6].description.hasSuffix("did you mean LIKE?"))
  }

  @Test func tasksNeedARunner() {
    #expect(problems(runners: ["x"]) { $0.tasks = [ApplicationTask("t")] }.isEmpty)
    let near = problems(runners: ["kafka-mesos-0.9.x"]) {
      $0.type = "kafka-mesos-0.9"
      $0.tasks = [ApplicationTask("t")]
    }
    #expect(near.first?.text.hasSuffix("did you mean kafka-mesos-0.9.x?") == true)
    #expect(problems(runners: ["x"]) { $0.tasks = [ApplicationTask(key: .string("t"), value: .null)] }.count == 1)
  }

  @Test func schedulesOfRunOnceApplicationsAreChecked() {
    let bad = problems {
      $0.type = Application.runOnce
      $0.startTime = "*/0 * * * *"
      $0.timeSchedule = "@often"
    }
    #expect(bad.map(\.field) == [.startTime, .timeSchedule])
    #expect(problems { $0.timeSchedule = "@often" }.isEmpty)
  }

  @Test func numbersMustBeFinite() {
    #expect(
      problems {
        $0.cpu = .infinity; $0.mem = .nan
      }.map(\.field) == [.cpu, .mem])
    #expect(problems { $0.cpu = -.infinity }.map(\.original) == ["Invalid application CPU"])
  }

  @Test func healthChecksAreChecked() {
    let bad = problems {
      $0.ports = [0, 0]
      $0.healthcheck = .check(
        HealthCheckDefinition(
          probe: .command, path: "/x", port: 2, interval: .microseconds(1), timeout: .zero, grace: .seconds(-1),
          failures: -1))
    }
    #expect(bad.count == 8)
    let good = HealthCheckDefinition(probe: .tcp, port: 1, interval: .milliseconds(500))
    #expect(
      problems {
        $0.ports = [0, 0]; $0.healthcheck = .check(good)
      }.isEmpty)
  }

  @Test func theGraphIsChecked() {
    var first = Self.valid
    first.dependencies = ["second"]
    var second = Self.valid
    second.id = "second"
    second.dependencies = ["i", "third"]
    let stack = Stack(name: "s", applications: ["a": first, "b": second])
    #expect(
      stack.problems(taskRunners: []).map(\.description) == [
        "Invalid application b: application second depends on third, which the stack does not have; dependencies name the ids of applications of the stack",
        "Invalid application a: applications wait for each other: i → second → i",
      ])
    #expect(throws: ValidationError.self) { try stack.validate(taskRunners: []) }
  }

  @Test func anIncompleteApplicationMayBeAddedAWrongOneNot() {
    var application = Application()
    #expect(Stack(applications: ["a": application]).problemsOfValues().isEmpty)
    application.cpu = -1
    application.instances = "0"
    #expect(Stack(applications: ["a": application]).problemsOfValues().map(\.field) == [.cpu, .instances])
  }

  @Test func aNullApplicationIsAProblem() {
    #expect(
      problems {
        $0 = Application(); $0.isNull = true
      }.count == 1)
  }
}
