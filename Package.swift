// swift-tools-version: 6.2
import PackageDescription

// The layers, what each target is for and what it may import: docs/architecture.md.
// `scripts/check-architecture` holds this file and the sources' imports against that table.

/// `STACK_DEPLOY_WARNINGS=error`, as `scripts/test` and CI set it, makes every warning an error. A user's build with
/// a newer toolchain is not broken by a warning that did not exist when this was written.
let warningsAreErrors = Context.environment["STACK_DEPLOY_WARNINGS"] == "error"

let strict: [SwiftSetting] =
  [
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("NonisolatedNonsendingByDefault"),
  ] + (warningsAreErrors ? [.treatAllWarnings(as: .error)] : [])
let strictC: [CSetting] = warningsAreErrors ? [.treatAllWarnings(as: .error)] : []
let strictCXX: [CXXSetting] = warningsAreErrors ? [.treatAllWarnings(as: .error)] : []

/// A Debian library seen through a module map.
func library(_ name: String, pkgConfig: String, package: String) -> Target {
  .systemLibrary(
    name: name, path: "Sources/System/\(name)", pkgConfig: pkgConfig, providers: [.apt([package])])
}

/// A Swift target of ours: its folder is `Sources/<layer>/<name>`.
func target(_ layer: String, _ name: String, _ dependencies: [Target.Dependency] = []) -> Target {
  .target(
    name: name, dependencies: dependencies, path: "Sources/\(layer)/\(name)", swiftSettings: strict)
}

/// Tests of one target, or of several together. Data files lie in `Resources/`.
func tests(
  _ name: String, _ dependencies: [Target.Dependency], resources: [Resource] = []
) -> Target {
  .testTarget(
    name: name, dependencies: dependencies, path: "Tests/\(name)", resources: resources, swiftSettings: strict)
}

/// What several test targets share. It lies under `Tests/Support`, and no product has it: `scripts/check-architecture`.
func support(_ name: String, _ dependencies: [Target.Dependency]) -> Target {
  .target(name: name, dependencies: dependencies, path: "Tests/Support/\(name)", swiftSettings: strict)
}

/// `STACK_DEPLOY_FUZZ=1`, as `scripts/fuzz` sets it, turns the folder of fuzz targets from tests that replay the corpus
/// into the program that libFuzzer drives. Without it there is no such program.
let isFuzzing = Context.environment["STACK_DEPLOY_FUZZ"] == "1"
let fuzzDependencies: [Target.Dependency] = [
  "StackModel", "StackAPI", "StackServer", "LocalCluster", "MarathonClient", "ScriptHost", "Store", "HTTPServer",
  "HTTPTypes", "Arguments", "JSON", "Concurrency",
]
let fuzz: Target =
  isFuzzing
  ? .executableTarget(
    name: "Fuzz", dependencies: fuzzDependencies, path: "Tests/Fuzz", sources: ["Targets", "Runner"],
    swiftSettings: strict)
  : .testTarget(
    name: "FuzzTests", dependencies: fuzzDependencies, path: "Tests/Fuzz",
    exclude: ["Runner", "Dictionaries", "Corpus", "Regressions"], sources: ["Targets", "Replay"],
    swiftSettings: strict)

let package = Package(
  name: "stack-deploy",
  products: [
    .executable(name: "stack-deploy", targets: ["stack-deploy"]),
    .executable(name: "task-supervisor", targets: ["task-supervisor"]),
    .executable(name: "script-worker", targets: ["script-worker"]),
  ],
  targets: [
    // System
    library("CYAML", pkgConfig: "yaml-0.1", package: "libyaml-dev"),
    library("CSQLite", pkgConfig: "sqlite3", package: "libsqlite3-dev"),
    library("CCurl", pkgConfig: "libcurl", package: "libcurl4-openssl-dev"),
    library("CMicroHTTPD", pkgConfig: "libmicrohttpd", package: "libmicrohttpd-dev"),
    library("CCrypto", pkgConfig: "libcrypto", package: "libssl-dev"),
    library("CLua", pkgConfig: "lua5.4", package: "liblua5.4-dev"),
    library("CSeccomp", pkgConfig: "libseccomp", package: "libseccomp-dev"),
    .target(
      name: "CPatterns", path: "Sources/System/CPatterns", cxxSettings: strictCXX,
      linkerSettings: [.linkedLibrary("re2")]),
    .target(name: "CPosix", path: "Sources/System/CPosix", cSettings: strictC),

    // Platform
    target("Platform", "Concurrency", ["CPosix"]),
    target("Platform", "JSON"),
    target("Platform", "Crypto", ["CCrypto"]),
    target("Platform", "Arguments"),
    target("Platform", "Telemetry", ["Concurrency", "JSON", "CPosix"]),
    target("Platform", "HTTPTypes"),
    target("Platform", "HTTPServer", ["Concurrency", "HTTPTypes", "CMicroHTTPD", "CPosix"]),
    target("Platform", "HTTPClient", ["Concurrency", "HTTPTypes", "CCurl", "CPosix"]),
    target("Platform", "SQLite", ["Concurrency", "CSQLite"]),
    target("Platform", "Processes", ["Concurrency", "CPosix"]),

    // Clients
    target("Clients", "MarathonClient", ["HTTPClient", "HTTPTypes", "JSON", "Concurrency", "Telemetry"]),

    // Core
    target("Core", "StackModel", ["JSON", "Concurrency", "CYAML", "CPatterns"]),
    target("Core", "Store", ["StackModel", "JSON", "Concurrency", "Crypto", "Telemetry"]),
    target("Core", "Engine", ["StackModel", "Store", "ScriptHost", "JSON", "Concurrency", "Crypto", "Telemetry"]),
    target("Core", "ScriptHost", ["StackModel", "Processes", "JSON", "Crypto", "Concurrency"]),

    // Stores
    target("Stores", "StoreSQLite", ["Store", "StackModel", "SQLite", "JSON", "Concurrency", "Telemetry"]),

    // App
    target("App", "StackAPI", ["StackModel", "JSON", "Concurrency"]),
    target("App", "StackClient", ["StackAPI", "HTTPClient", "HTTPTypes", "JSON", "Concurrency"]),
    target(
      "App", "LocalCluster",
      [
        "StackModel", "HTTPServer", "HTTPClient", "HTTPTypes", "Processes", "SQLite", "JSON", "Crypto", "Concurrency",
        "Telemetry",
      ]),
    target(
      "App", "StackServer",
      [
        "Engine", "ScriptHost", "Store", "StackModel", "StoreSQLite", "MarathonClient", "StackAPI", "HTTPServer",
        "HTTPClient", "HTTPTypes", "Processes", "JSON", "Crypto", "Concurrency", "Telemetry",
      ]),
    .executableTarget(
      name: "stack-deploy",
      dependencies: [
        "StackServer", "StackClient", "StackAPI", "LocalCluster", "Engine", "Store", "StoreSQLite", "StackModel",
        "MarathonClient", "ScriptHost", "HTTPServer", "HTTPClient", "HTTPTypes", "Processes", "Arguments", "Telemetry",
        "JSON", "Crypto", "Concurrency", "CPosix", "task-supervisor", "script-worker",
      ],
      path: "Sources/App/stack-deploy", swiftSettings: strict),

    // Helpers: C programs without the Swift runtime, found beside the main program
    .executableTarget(
      name: "task-supervisor", path: "Sources/Helpers/task-supervisor", cSettings: strictC,
      linkerSettings: [.unsafeFlags(["-static-stdlib", "-nostartfiles"])]),
    .executableTarget(
      name: "script-worker", dependencies: ["CLua", "CSeccomp"], path: "Sources/Helpers/script-worker",
      exclude: ["link"], cSettings: strictC,
      linkerSettings: [
        .unsafeFlags([
          "-static-stdlib", "-nostartfiles", "-L\(Context.packageDirectory)/Sources/Helpers/script-worker/link",
        ])
      ]),

    // Measures the product from outside, as `scripts/bench` calls it; not shipped.
    .executableTarget(
      name: "bench",
      dependencies: [
        "StackClient", "StackAPI", "StoreSQLite", "Store", "StackModel", "HTTPServer", "HTTPClient", "HTTPTypes",
        "Processes", "ScriptHost", "JSON", "Concurrency", "CSQLite", "bare-server",
      ],
      path: "Tests/Bench", swiftSettings: strict),
    .executableTarget(
      name: "bare-server", dependencies: ["CMicroHTTPD"], path: "Tests/BareServer", cSettings: strictC,
      linkerSettings: [.linkedLibrary("microhttpd")]),

    // Tests
    support("TestFolders", []),
    support("EngineFakes", ["Engine", "ScriptHost", "StackModel", "JSON", "Concurrency"]),
    support("FaultInjection", ["Engine", "ScriptHost", "Store", "StackModel", "JSON", "Concurrency"]),
    .target(name: "FaultyVFS", dependencies: ["CSQLite"], path: "Tests/Support/FaultyVFS", cSettings: strictC),
    // Built on the way, for FaultTests to start; no product.
    .executableTarget(
      name: "faulty-server",
      dependencies: [
        "StackServer", "FaultInjection", "FaultyVFS", "Engine", "ScriptHost", "Store", "HTTPServer", "HTTPTypes",
        "Processes", "Telemetry", "Concurrency", "task-supervisor",
      ],
      path: "Tests/Support/faulty-server", swiftSettings: strict),
    tests("ConcurrencyTests", ["Concurrency"]),
    tests("JSONTests", ["JSON"]),
    tests("CryptoTests", ["Crypto"]),
    tests("ArgumentsTests", ["Arguments"]),
    tests("TelemetryTests", ["Telemetry", "JSON", "Concurrency"]),
    tests("HTTPTypesTests", ["HTTPTypes"]),
    tests(
      "HTTPServerTests",
      ["HTTPServer", "HTTPClient", "HTTPTypes", "Processes", "Concurrency", "CPosix", "TestFolders"]),
    tests("HTTPClientTests", ["HTTPClient", "HTTPServer", "HTTPTypes", "Concurrency", "CPosix"]),
    tests("SQLiteTests", ["SQLite", "Concurrency", "TestFolders"]),
    tests("ProcessesTests", ["Processes", "Concurrency", "CPosix", "task-supervisor"]),
    tests(
      "MarathonClientTests", ["MarathonClient", "HTTPServer", "HTTPClient", "HTTPTypes", "JSON", "Concurrency"],
      resources: [.copy("Resources")]),
    tests("StackModelTests", ["StackModel", "JSON", "Concurrency"], resources: [.copy("Resources")]),
    tests(
      "StoreContractTests", ["Store", "StoreSQLite", "StackModel", "SQLite", "JSON", "Concurrency", "TestFolders"]),
    tests(
      "EngineTests",
      ["Engine", "ScriptHost", "Store", "StackModel", "JSON", "Concurrency", "EngineFakes", "FaultInjection"]),
    tests(
      "FaultTests",
      [
        "EngineFakes", "FaultInjection", "FaultyVFS", "TestFolders", "faulty-server", "stack-deploy", "task-supervisor",
        "StackServer", "StackClient", "StackAPI", "MarathonClient", "Engine", "ScriptHost", "Store", "StoreSQLite",
        "StackModel", "SQLite", "HTTPServer", "HTTPClient", "HTTPTypes", "Processes", "JSON", "Concurrency",
      ]),
    tests(
      "ScriptHostTests", ["ScriptHost", "StackModel", "JSON", "Concurrency"]),
    tests(
      "SandboxTests",
      [
        "ScriptHost", "StackModel", "Processes", "JSON", "Concurrency", "CPosix", "TestFolders", "script-worker",
        "stack-deploy",
      ],
      resources: [.copy("Resources")]),
    tests(
      "LocalClusterTests",
      [
        "LocalCluster", "MarathonClient", "HTTPClient", "HTTPServer", "HTTPTypes", "Processes", "SQLite", "StackModel",
        "JSON", "Concurrency", "task-supervisor", "stack-deploy",
      ],
      resources: [.copy("Resources")]),
    tests("StackAPITests", ["StackAPI", "JSON", "StackModel", "Concurrency"]),
    tests(
      "StackClientTests", ["StackClient", "StackAPI", "HTTPServer", "HTTPClient", "HTTPTypes", "JSON", "Concurrency"]),
    tests(
      "StackServerTests",
      [
        "StackServer", "StackAPI", "Engine", "Store", "StackModel", "ScriptHost", "MarathonClient", "HTTPServer",
        "HTTPClient", "HTTPTypes", "Processes", "JSON", "Crypto", "Concurrency", "task-supervisor", "script-worker",
      ]),
    fuzz,
    tests(
      "CommandTests",
      [
        "StackAPI", "StackModel", "stack-deploy", "task-supervisor", "script-worker", "Processes", "HTTPServer",
        "HTTPClient", "HTTPTypes", "JSON", "Crypto", "Concurrency", "SQLite", "FaultInjection", "TestFolders",
      ],
      resources: [.copy("Resources")]),
  ],
  swiftLanguageModes: [.v6], cLanguageStandard: .c17
)
