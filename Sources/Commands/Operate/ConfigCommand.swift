internal import ArgumentParser
internal import Core
internal import Cycle
internal import Sessions
internal import Settings

struct ConfigCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "config", abstract: "Shows and checks the configuration.", subcommands: [Show.self, Check.self])

    struct Show: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Prints every effective value with its origin; secrets are masked.",
            discussion:
                "Example: takt config show --format json | jq -r '.items[] | select(.key | startswith(\"risk\")) | .key + \" = \" + .value'"
        )
        @OptionGroup var global: GlobalOptions
        @Argument(help: .init("Only keys that contain this text.", valueName: "text")) var text: String?

        func run() async throws {
            let context = try CommandContext(global)
            let rows = context.settings.configRows().filter { row in text.map { row.key.contains($0) } ?? true }
            let items = rows.map { row -> JSONValue in
                [
                    "key": .string(row.key), "value": .string(row.value), "origin": JSONValue(row.origin),
                    "unit": JSONValue(row.unit), "doc": .string(row.doc), "secret": .bool(row.isSecret),
                ]
            }
            let document: JSONValue = [
                "schema": "takt.config/1", "digest": JSONValue(context.settings.configDigest),
                "count": .int(Int64(items.count)), "items": .array(items),
            ]
            try context.output.emit(document) {
                TextTable(
                    columns: [
                        .init("key", "key"), .init("value", "value"), .init("unit", "unit"), .init("origin", "origin"),
                    ],
                    items: items, empty: "No such key."
                ).rendered(context.output.style)
            }
        }
    }

    struct Check: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Reads all four files, .env and the environment, and names everything that is wrong.",
            discussion:
                "Exit code 78 with one line for each error: file, line, column, key and the nearest valid key. Example: takt config check"
        )
        @OptionGroup var global: GlobalOptions

        func run() async throws {
            let context = try CommandContext(global)
            let settings = context.settings
            let missing = settings.namedFiles.compactMap(\.problem)
            guard missing.isEmpty else { throw SettingsErrors(missing) }
            // Whoever halts or looks needs no key, so loading asks for none; whoever checks wants to know.
            let kis = KISWiring(
                settings, calendars: context.calendars, clock: context.clock, log: context.log.stepLog)
            if kis.isEnabled { try kis.check() }
            if context.ib.isEnabled { try context.ib.check() }
            let items = settings.notes.map { note -> JSONValue in
                ["origin": JSONValue(note.origin), "key": .string(note.key), "message": .string(note.message)]
            }
            let document: JSONValue = [
                "schema": "takt.config-check/1", "valid": true, "mode": .string(settings.mode.rawValue),
                "profiles": .array(settings.profiles.map { JSONValue($0.name) }),
                "digest": JSONValue(settings.configDigest), "items": .array(items),
            ]
            try context.output.emit(document) {
                let notes = settings.notes.map { "note: \($0)" }
                let names = settings.profiles.map(\.name.text).joined(separator: ", ")
                return (notes + ["The configuration is valid: \(settings.mode.rawValue) mode, profiles \(names)."])
                    .joined(separator: "\n")
            }
        }
    }
}
