internal import ArgumentParser
internal import Core
internal import Cycle
internal import Glibc
internal import Settings
internal import Store

struct DatabaseCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "db", abstract: "Looks after the state database.",
        subcommands: [Migrate.self, Check.self, Backup.self, Restore.self, PruneCommand.self, Stats.self])

    struct Migrate: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Brings the database to this binary's schema, after a backup beside it.",
            discussion: "Example: takt db migrate")
        @OptionGroup var global: GlobalOptions

        func run() async throws {
            let context = try CommandContext(global)
            let store = try context.isDryRun ? context.openStoreForReading() : context.createStore()
            let document: JSONValue = ["schema": "takt.db-migrate/1", "path": .string(store.path), "current": true]
            try context.output.emit(document) { "\(store.path) has the schema of this takt." }
        }
    }

    struct Check: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Integrity, references and the audit chain; exit code 65 when something is wrong.",
            discussion: "Example: takt db check --format json | jq -e .ok")
        @OptionGroup var global: GlobalOptions

        func run() async throws {
            let context = try CommandContext(global)
            let problems = try problems(context)
            let document: JSONValue = [
                "schema": "takt.db-check/1", "ok": .bool(problems.isEmpty),
                "items": .array(problems.map { .string($0) }),
            ]
            try context.output.emit(document) {
                problems.isEmpty
                    ? "The database is sound."
                    : problems.joined(separator: "\n")
                        + "\nStop the timers and restore the newest good backup: takt db restore FILE."
            }
            try CommandEnd.check(problems.isEmpty ? .success : .badInput)
        }

        /// A file too damaged to be opened is a finding as well.
        private func problems(_ context: CommandContext) throws -> [String] {
            do { return try context.openStoreForReading().check() } catch StoreError.corrupt(let path, let detail) {
                return ["\(path) is damaged: \(detail)"]
            }
        }
    }

    struct Backup: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Copies the database while it is in use.",
            discussion: "Example: takt db backup --output /backup/takt-$(date +%F).sqlite")
        @OptionGroup var global: GlobalOptions
        @Option(name: .long, help: .init("Where to; default: beside the database.", valueName: "file")) var output:
            String?

        func run() async throws {
            let context = try CommandContext(global)
            let store = try context.openStoreForReading()
            let now = context.clock.now()
            let stamp = now.description.filter { $0.isNumber || $0 == "T" || $0 == "Z" }
            let path = output ?? "\(store.path).\(stamp).bak"
            if !context.isDryRun { try store.backup(to: path) }
            let document: JSONValue = [
                "schema": "takt.db-backup/1", "path": .string(store.path), "backup": .string(path),
                "dry_run": .bool(context.isDryRun),
            ]
            try context.output.emit(document) {
                context.isDryRun
                    ? "Would copy \(store.path) to \(path). Nothing was written."
                    : "Backup of \(store.path): \(path)"
            }
        }
    }

    struct Restore: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Puts a backup in the database's place; the old file is kept aside.",
            discussion: """
                The backup is checked first and nothing happens if it is not sound. Stop the timers before: while a step runs, \
                nothing is restored (exit code 75; the message names who holds which lock), and a step that starts meanwhile \
                ends with 75. Afterwards trading is halted and nothing is sent until `takt reconcile --again` has brought \
                back from the brokers what happened since the backup, and `takt resume` has lifted the halt.

                Example: takt db restore /backup/takt-2026-11-20.sqlite
                """)
        @OptionGroup var global: GlobalOptions
        @Argument(help: .init("A file that `takt db backup` wrote.", valueName: "file")) var file: String

        func run() async throws {
            let context = try CommandContext(global)
            let aside = context.isDryRun ? nil : try restore(context)
            let document: JSONValue = [
                "schema": "takt.db-restore/1", "path": .string(context.settings.paths.database), "from": .string(file),
                "kept": JSONValue(aside), "dry_run": .bool(context.isDryRun),
            ]
            try context.output.emit(document) {
                guard !context.isDryRun else {
                    return
                        "Would restore \(context.settings.paths.database) from \(file). Nothing was changed or checked."
                }
                let kept = aside.map { " The old file is \($0)." } ?? ""
                return
                    "Restored \(context.settings.paths.database) from \(file).\(kept) Now run takt reconcile --again, then takt resume."
            }
        }

        /// A copy is prepared first, so that the file that takes the database's place is safe from its first instant: what
        /// was about to be sent at the time of the backup may have been sent since.
        private func restore(_ context: CommandContext) throws -> String? {
            let now = context.clock.now()
            let standstill = try Standstill(
                database: context.settings.paths.database, profiles: context.settings.profiles.map(\.name),
                process: CommandContext.process, at: now, purpose: "restore the database")
            defer { standstill.end() }
            let prepared = "\(context.settings.paths.database).prepared"
            func discard() { for suffix in ["", "-wal", "-shm"] { unlink(prepared + suffix) } }
            discard()
            defer { discard() }
            // Checks the file and copies it; a backup of an older schema is brought up to date as it is opened.
            _ = try StateDatabase.restore(from: file, to: prepared, now: now)
            let copy = try StateDatabase.open(at: prepared, now: now)
            try copy.write(durable: true) { writer in
                try RestoreGuard.prepare(writer, from: file, by: "operator \(CommandContext.process.user)", at: now)
            }
            try copy.close()
            return try StateDatabase.restore(from: prepared, to: context.settings.paths.database, now: now).replacedFile
        }
    }

    struct Stats: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Rows, sizes and the content digest.",
            discussion: "Example: takt db stats --digest")
        @OptionGroup var global: GlobalOptions
        @Flag(name: .long, help: "Also the digest over all rows: equal digests, equal content.") var digest = false

        func run() async throws {
            let context = try CommandContext(global)
            let store = try context.openStoreForReading()
            let stats = try store.stats()
            let items = stats.tables.map { table -> JSONValue in
                ["table": .string(table.name), "rows": .int(Int64(table.rows))]
            }
            var document: JSONValue = [
                "schema": "takt.db-stats/1", "path": .string(store.path), "file_bytes": .int(Int64(stats.fileBytes)),
                "wal_bytes": .int(Int64(stats.walBytes)), "items": .array(items),
            ]
            if digest { document = document.setting("digest", JSONValue(try store.contentDigest())) }
            try context.output.emit(document) {
                let table = TextTable(
                    columns: [.init("table", "table"), .init("rows", "rows", numeric: true)], items: items, empty: "")
                let size = "\(store.path): \(stats.fileBytes) bytes, write-ahead log \(stats.walBytes) bytes"
                let tail = document["digest"]?.stringValue.map { "\ncontent \($0)" } ?? ""
                return size + "\n" + table.rendered(context.output.style) + tail
            }
        }
    }
}
