import Arguments
import Glibc
import HTTPTypes
import ScriptHost
import StackAPI
import StackModel
import StackServer
import Telemetry

/// The flags of `server`: the original's, and ours.
enum ServerOptions {
  private static let marathon = Option<String>.string(
    "marathon", help: "Marathon's address, several with commas.", placeholder: "URL", default: "http://127.0.0.1:8080")
  private static let master = Option<String>.string(
    "master", help: "Address of the Mesos master.", placeholder: "HOST:PORT", default: "127.0.0.1:5050")
  private static let retries = Option<Int>.integer(
    "connect.retries", help: "How often Marathon is asked at the start.", default: 10, in: 0...1_000_000)
  private static let backoff = Option<Duration>.duration(
    "connect.backoff", help: "Pause between two such attempts.", default: .seconds(10), defaultText: "10s")
  private static let variables = Option<[(String, String)]>.repeated(
    "var", help: "Variable of all runs.", placeholder: "NAME=VALUE"
  ) { text throws(InvalidValue) in
    guard let sign = text.firstIndex(of: "=") else { throw InvalidValue("Variables are expected in k=v format.") }
    return (String(text[..<sign]), String(text[text.index(after: sign)...]))
  }
  private static let dev = Option<Bool>.flag("dev", help: "Keep everything in memory and ask for no keys.")
  private static let debug = Option<Bool>.flag("debug", help: "Log more; the same as --log.level debug.")

  private static let dataDirectory = Option<String?>.string(
    "data-dir", help: "Folder for everything the server keeps (default: \(defaultDataDirectory)).", placeholder: "DIR",
    completion: .folders)
  static let local = Option<Bool>.flag("local", help: "Start an embedded cluster and deploy on it.")
  static let agents = Option<Int>.integer(
    "agents", help: "Simulated agents of the embedded cluster.", default: 3, in: 1...200)
  private static let adminKeyFile = Option<String?>.string(
    "admin-key-file", help: "Write the first admin's key there instead of showing it.", placeholder: "FILE",
    completion: .files)
  private static let tlsCertificate = Option<String?>.string(
    "tls.cert", help: "Serve https with this certificate and its chain (PEM).", placeholder: "FILE", completion: .files)
  private static let tlsKey = Option<String?>.string(
    "tls.key", help: "The certificate's private key (PEM, no passphrase).", placeholder: "FILE", completion: .files)
  private static let marathonRequests = Option<Int>.integer(
    "marathon.requests", help: "Requests to Marathon at once.", default: 32, in: 1...10_000)
  private static let marathonCredentials = Option<String?>.string(
    "marathon.credentials-file",
    help: "File with USER:PASSWORD for Marathon (or the variable STACK_DEPLOY_MARATHON_CREDENTIALS).",
    placeholder: "FILE", completion: .files)
  private static let maxWait = Option<Duration>.duration(
    "max.wait", help: "How long an application may take to become healthy, where a run does not say.",
    default: .seconds(600), defaultText: "10m0s")
  private static let lockWait = Option<Duration>.duration(
    "lock.wait", help: "How long a run waits for another one of its stack and zone.", default: .seconds(300),
    defaultText: "5m0s")
  private static let grants = Option<[String]>.repeated(
    "script.grant",
    help:
      "What scripts may call at most, such as 'http:*.internal:8080'; 'default' for what they may without this flag.",
    placeholder: "PATTERN", parse: grant)
  private static let regularGrants = Option<[String]>.repeated(
    "script.grant.regular", help: "What scripts may call at most in runs that no administrator has started.",
    placeholder: "PATTERN"
  ) { text throws(InvalidValue) in
    if text == ServerGrants.standardWord { throw InvalidValue("'default' belongs to --script.grant alone") }
    return try grant(text)
  }
  private static let replays = Option<Duration>.duration(
    "script.replays", help: "CPU time that the scripts of one run may use for being run again.", default: .seconds(60),
    defaultText: "1m0s")
  private static let hooks = Option<Switch>.choice(
    "hooks.shell", help: "Whether hooks and scripts may run shell commands.", default: .on)
  private static let hookUser = Option<String?>.string(
    "hooks.user", help: "Who runs shell commands, instead of the server's user; needs a server that root runs.",
    placeholder: "NAME")

  enum Switch: String, Sendable, CaseIterable { case on, off }

  private static func grant(_ text: String) throws(InvalidValue) -> String {
    do throws(GrantError) {
      _ = try ServerGrants([text])
      return text
    } catch {
      throw InvalidValue("\(error)")
    }
  }

  private static let level = Option<LogLevel>.choice("log.level", help: "How much is logged.", default: .info)

  enum LogForm: String, Sendable, CaseIterable { case automatic, text, json }

  private static let format = Option<LogForm>.choice(
    "log.format", help: "Text on a terminal and JSON lines elsewhere, or always one of them.", default: .automatic)

  /// Flags of the original whose back ends this version does not have, each with why.
  private static let refused: [(Option<String?>, String)] = [
    (refusable("storage"), "keeps the state of the Mesos framework, which this version does not run"),
    (
      refusable("cassandra"),
      "needs the Cassandra store, which this version does not have; --data-dir DIR keeps everything in a file"
    ),
    (
      refusable("keyspace"),
      "needs the Cassandra store, which this version does not have; --data-dir DIR keeps everything in a file"
    ),
    (refusable("proto"), "needs the Cassandra store, which this version does not have"),
    (refusable("framework.user"), "belongs to the Mesos framework, which this version does not run"),
    (refusable("framework.name"), "belongs to the Mesos framework, which this version does not run"),
    (refusable("framework.role"), "belongs to the Mesos framework, which this version does not run"),
    (refusable("failover.timeout"), "belongs to the Mesos framework, which this version does not run"),
  ]

  private static func refusable(_ name: String) -> Option<String?> {
    .string(name, help: "Not in this version: refused when given.", placeholder: "VALUE")
  }

  private static let credentialsVariable = "STACK_DEPLOY_MARATHON_CREDENTIALS"

  /// The server's, as in the original, but for what is the server's alone.
  private static var hookEnvironment: [String: String] {
    ProcessEnvironment.all.filter { $0.key != credentialsVariable && !InheritedSockets.variables.contains($0.key) }
  }

  static let declarations: [OptionDeclaration] =
    [
      ListenOption.api.declaration, ListenOption.listen.declaration, tlsCertificate.declaration, tlsKey.declaration,
      marathon.declaration, master.declaration, dataDirectory.declaration, local.declaration, agents.declaration,
      dev.declaration, adminKeyFile.declaration, BootstrapOption.option.declaration, variables.declaration,
      retries.declaration,
      backoff.declaration, marathonRequests.declaration, marathonCredentials.declaration, maxWait.declaration,
      lockWait.declaration, grants.declaration, regularGrants.declaration, ScriptLibrary.option.declaration,
      replays.declaration,
      hooks.declaration,
      hookUser.declaration,
      level.declaration, format.declaration, debug.declaration,
    ] + HTTPLimitOptions.declarations + refused.map(\.0.declaration)

  /// A sentence where a flag cannot be used, or two cannot be used together.
  static func refusal(_ arguments: ParsedArguments) -> String? {
    for (option, reason) in refused where arguments[option] != nil { return "--\(option.name) \(reason)" }
    if (arguments[tlsCertificate] == nil) != (arguments[tlsKey] == nil) {
      return "--tls.cert and --tls.key are needed together"
    }
    if arguments[dev], arguments[local] {
      return "--dev keeps nothing, and --local needs a folder for its cluster: take one of them"
    }
    if arguments[dev], arguments[dataDirectory] != nil {
      return "--dev keeps nothing, so it has no use for --data-dir: take one of them"
    }
    if arguments[hookUser] != nil, arguments[hooks] == .off {
      return "--hooks.user says who runs shell commands, and --hooks.shell off that nobody does: take one of them"
    }
    if arguments[dev], arguments[adminKeyFile] != nil { return "--dev asks for no keys, so there is none to write" }
    return nil
  }

  static func logLevel(_ arguments: ParsedArguments) -> LogLevel { arguments[debug] ? .debug : arguments[level] }

  static func logFormat(_ arguments: ParsedArguments) -> Log.Format {
    switch arguments[format] {
    case .automatic: .automatic
    case .text: .text
    case .json: .json
    }
  }

  static func configuration(_ arguments: ParsedArguments) throws(InvalidValue) -> ServerConfiguration {
    var configuration = ServerConfiguration(
      addresses: try ListenOption.addresses(arguments, asksForKeys: !arguments[dev]),
      storage: arguments[dev] ? .memory : .folder(arguments[dataDirectory] ?? defaultDataDirectory),
      marathon: arguments[marathon].split(separator: ",").map(String.init), master: arguments[master],
      hookEnvironment: hookEnvironment)
    if let certificate = arguments[tlsCertificate], let key = arguments[tlsKey] {
      configuration.tls = TLSFiles(certificate: certificate, key: key)
    }
    configuration.httpLimits = try HTTPLimitOptions.limits(arguments)
    configuration.adminKeyFile = arguments[adminKeyFile]
    configuration.bootstrap = try BootstrapOption.stack(arguments)
    configuration.marathonRequests = arguments[marathonRequests]
    configuration.marathonCredentials = try credentials(arguments)
    configuration.hookUser = arguments[hookUser]
    do throws(GrantError) {
      configuration.grants = try ServerGrants(
        arguments[grants], regular: arguments[regularGrants], allowsShell: arguments[hooks] == .on)
    } catch {
      throw InvalidValue("\(error)")
    }
    configuration.connectRetries = arguments[retries]
    configuration.connectBackoff = arguments[backoff]
    configuration.globalVariables = OrderedMap(arguments[variables])
    configuration.scriptReplays = arguments[replays]
    configuration.scriptLibrary = try ScriptLibrary.modules(arguments)
    configuration.defaults = RunDefaults(maxWait: arguments[maxWait], lockWait: arguments[lockWait])
    return configuration
  }

  private static func credentials(_ arguments: ParsedArguments) throws(InvalidValue) -> BasicAuthorization? {
    let text: String
    if let file = arguments[marathonCredentials] {
      do throws(FileContentsError) {
        text = try FileContents.text(of: file)
      } catch {
        throw InvalidValue("cannot read the file that --marathon.credentials-file names: \(error)")
      }
    } else if let variable = ProcessEnvironment.all[credentialsVariable] {
      text = variable
    } else {
      return nil
    }
    let line = text.prefix { $0 != "\n" && $0 != "\r" && $0 != "\r\n" }
    guard let colon = line.firstIndex(of: ":") else {
      throw InvalidValue("Marathon's credentials must have the form USER:PASSWORD")
    }
    let password = String(line[line.index(after: colon)...])
    Telemetry.secrets.add(password)
    return BasicAuthorization(user: String(line[..<colon]), password: password)
  }

  private static var defaultDataDirectory: String {
    if getuid() == 0 { return "/var/lib/stack-deploy" }
    let environment = ProcessEnvironment.all
    let base = environment["XDG_STATE_HOME"] ?? "\(environment["HOME"] ?? ".")/.local/state"
    return "\(base)/stack-deploy"
  }
}
