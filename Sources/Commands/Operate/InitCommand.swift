internal import ArgumentParser
internal import Core
internal import Cycle
internal import Settings

struct InitCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "init", abstract: "Writes a commented starting configuration and creates the database.",
        discussion: """
            Never overwrites: what is there stays. Afterwards edit config/*.yaml, and put secrets into .env (mode 0600).

            Example: takt init --home ~/trading
            """)
    @OptionGroup var global: GlobalOptions

    func run() async throws {
        let context = try CommandContext(global, createsHome: true)
        let paths = context.settings.paths
        var items: [JSONValue] = []
        for (name, text) in StartingConfiguration.files {
            let path = name.hasPrefix("config/") ? "\(paths.config)/\(name.dropFirst(7))" : "\(paths.home)/\(name)"
            let exists = FileWriting.exists(path)
            if !exists, !context.isDryRun { try FileWriting.replace(path, with: Array(text.utf8)) }
            items.append(Self.item(path, exists, context))
        }
        let hasDatabase = FileWriting.exists(paths.database)
        if !context.isDryRun {
            for folder in [paths.state, paths.logs, paths.reports] { try FileWriting.createFolder(folder) }
            _ = try context.createStore()
        }
        items.append(Self.item(paths.database, hasDatabase, context))
        let document: JSONValue = [
            "schema": "takt.init/1", "home": .string(paths.home), "dry_run": .bool(context.isDryRun),
            "items": .array(items),
        ]
        try context.output.emit(document) {
            let table = TextTable(
                columns: [.init("file", "path"), .init("", "result")], items: items, empty: "")
            return table.rendered(context.output.style)
                + (context.isDryRun
                    ? "\nDry run: nothing was written."
                    : "\nNext: edit \(paths.config), then `takt config check` and `takt cycle`.")
        }
    }

    private static func item(_ path: String, _ exists: Bool, _ context: CommandContext) -> JSONValue {
        let result: JSONValue =
            switch (exists, context.isDryRun) {
            case (true, false): "kept"
            case (true, true): "would be kept"
            case (false, false): "written"
            case (false, true): "would be written"
            }
        return ["path": .string(path), "result": result]
    }
}
