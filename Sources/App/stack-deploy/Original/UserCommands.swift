import Arguments
import StackClient
import StackServer
import Store
import StoreSQLite

/// `adduser` and `refreshtoken`: users and their keys.
enum UserCommands {
  private static let name = Option<String>.string("name", help: "The user's name.", placeholder: "NAME", default: "")
  private static let admin = Option<Bool>.flag("admin", help: "May do everything, users included.")
  private static let dataDirectory = Option<String?>.string(
    "data-dir", help: "Add the user to the store in this folder, without a server.", placeholder: "DIR",
    completion: .folders)

  static let add: Command = Command(
    "adduser", group: "Users", summary: "Add new user",
    discussion: """
      The key is shown once and stored as a digest. With --data-dir the store is opened directly, while no server runs on it: for the first user of a server \
      that is set up by scripts, or when all keys are lost.
      """,
    reading: .go,
    options: ServerConnection.options + [name.declaration, admin.declaration, dataDirectory.declaration]
  ) { arguments in
    if let folder = arguments[dataDirectory] {
      return await addOffline(arguments[name], isAdmin: arguments[admin], folder: folder)
    }
    return await callOriginal { () throws(StackClientError) in
      let client = ServerConnection(arguments).client(debug: arguments[ServerConnection.debug])
      let key = try await client.addUser(arguments[name], isAdmin: arguments[admin])
      Console.write("User added. Key: \(key)\n")
    }
  }

  static let refreshToken: Command = Command(
    "refreshtoken", group: "Users", summary: "Refresh user token", reading: .go,
    options: ServerConnection.options + [name.declaration]
  ) { arguments in
    await callOriginal { () throws(StackClientError) in
      let client = ServerConnection(arguments).client(debug: arguments[ServerConnection.debug])
      Console.write("New key generated: \(try await client.refreshToken(arguments[name]))\n")
    }
  }

  private static func addOffline(_ name: String, isAdmin: Bool, folder: String) async -> Int32 {
    do {
      let store = try await SQLiteStore.open(folder: folder)
      do {
        let key = try await UserDirectory(store: store).add(name, role: isAdmin ? .admin : .regular)
        await store.close()
        Console.write("User added. Key: \(key)\n")
        return ExitCode.success
      } catch {
        await store.close()
        throw error
      }
    } catch {
      Console.write("ERROR: \(error)\n")
      return ExitCode.failure
    }
  }
}
