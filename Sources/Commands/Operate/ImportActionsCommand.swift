internal import ArgumentParser
internal import Core
internal import Cycle
internal import MarketData
internal import Settings
internal import Store

struct ImportActionsCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "import-actions", abstract: "Imports splits and dividends: CSV of symbol, ex_date, kind, value.",
        discussion: """
            kind is split (value: new shares per old one, such as 10, 10:1 or 1:8) or dividend (value: cash per share in \
            the currency the instrument trades in). Decisions and `takt bars --adjusted` see earlier bars adjusted by them.

            A file of Tiingo's daily bars will do as well: its columns divCash and splitFactor are read, the symbol is in the \
            name (NVDA_daily.csv).

            All files are read before anything is stored. Importing again changes nothing. An import has the last word \
            about each symbol, day and kind that it names, and about the day of a split: what it corrects stays as \
            history. Symbols that are not in symbols.yaml are left out and named.

            Example: takt import-actions actions.csv NVDA_daily.csv
            """)
    @OptionGroup var global: GlobalOptions
    @Argument(help: .init("Files to import.", valueName: "file")) var files: [String]

    func run() async throws {
        let context = try CommandContext(global)
        let actions = try ActionFiles(context: context).read(files)
        let plan = try context.isDryRun ? preview(actions.known, context) : store(actions.known, context)
        let items =
            plan.replaced.map { Self.item($0.old.symbol, $0.old.exDate, $0.old.content, "replaced", $0.by) }
            + plan.new.map { Self.item($0.symbol, $0.exDate, $0.content, "new", $0.source) }
        let document: JSONValue = [
            "schema": "takt.import-actions/1", "files": .int(Int64(files.count)),
            "read": .int(Int64(actions.known.count + actions.leftOut.count)), "new": .int(Int64(plan.new.count)),
            "replaced": .int(Int64(plan.replaced.count)), "unchanged": .int(Int64(plan.unchanged)),
            "left_out": .array(Set(actions.leftOut.map(\.symbol)).sorted().map { JSONValue($0) }),
            "dry_run": .bool(context.isDryRun), "items": .array(items),
        ]
        try context.output.emit(document) { text(items, plan, actions.leftOut, context) }
    }

    private func preview(_ actions: [NewAction], _ context: CommandContext) throws -> ActionsPlan {
        guard FileWriting.exists(context.settings.paths.database) else {
            return ActionsPlan(actions, onto: [])
        }
        return try context.openStoreForReading().read { try $0.plan(actions) }
    }

    private func store(_ actions: [NewAction], _ context: CommandContext) throws -> ActionsPlan {
        let now = context.clock.now()
        return try context.openStore(creates: true).write(durable: true) { writer in
            let plan = try writer.record(actions, at: now)
            guard !plan.new.isEmpty || !plan.replaced.isEmpty else { return plan }
            try writer.appendAudit(
                at: now, actor: "operator \(CommandContext.process.user)", kind: "actions.imported",
                subject: files.map(ImportBarsCommand.name).joined(separator: " "),
                payload: [
                    "new": .array(plan.new.map { Self.item($0.symbol, $0.exDate, $0.content, "new", $0.source) }),
                    "replaced": .array(plan.replaced.map { .int($0.old.id) }),
                ])
            return plan
        }
    }

    private static func item(
        _ symbol: Symbol, _ exDate: CivilDate, _ content: StoredAction.Content, _ outcome: String, _ source: String
    ) -> JSONValue {
        [
            "symbol": JSONValue(symbol), "ex_date": JSONValue(exDate.description), "kind": .string(content.kind),
            "value": JSONValue(content.value), "currency": JSONValue(content.currency?.code),
            "outcome": .string(outcome), "source": .string(source),
        ]
    }

    private func text(
        _ items: [JSONValue], _ plan: ActionsPlan, _ leftOut: [CorporateAction], _ context: CommandContext
    ) -> String {
        let table = TextTable(
            columns: [
                .init("symbol", "symbol"), .init("ex-date", "ex_date"), .init("kind", "kind"),
                .init("value", "value", numeric: true), .init("ccy", "currency"), .init("outcome", "outcome"),
                .init("source", "source"),
            ], items: items, empty: "")
        let would = context.isDryRun ? " would be" : ""
        var lines = items.isEmpty ? [] : [table.rendered(context.output.style)]
        lines.append("\(plan.new.count) new, \(plan.replaced.count)\(would) replaced, \(plan.unchanged) unchanged.")
        if !leftOut.isEmpty {
            let names = Set(leftOut.map(\.symbol)).sorted().map(\.text).joined(separator: ", ")
            lines.append("Left out, not in symbols.yaml: \(names) (\(leftOut.count) action(s)).")
        }
        return lines.joined(separator: "\n")
    }
}

/// The actions of several files, for the symbols there are.
struct ActionFiles {
    let context: CommandContext

    func read(_ paths: [String]) throws -> (known: [NewAction], leftOut: [CorporateAction]) {
        var known: [NewAction] = []
        var leftOut: [CorporateAction] = []
        var splits: [String: (action: CorporateAction, path: String)] = [:]
        for path in paths {
            for action in try CorporateActionsFile.read(path) {
                guard let instrument = context.settings.instruments[action.symbol] else {
                    leftOut.append(action)
                    continue
                }
                let content: StoredAction.Content
                switch action.kind {
                case .split(let new, let old):
                    content = .split(new: new, old: old)
                    let day = "\(action.symbol)|\(action.exDate)"
                    if let first = splits[day], first.action != action {
                        throw contradiction(first.action, first.path, action, path)
                    }
                    splits[day] = (action, path)
                case .dividend(let perShare, _):
                    content = .dividend(perShare: perShare, instrument.currency)
                }
                known.append(
                    NewAction(
                        symbol: action.symbol, exDate: action.exDate, content: content,
                        source: ImportBarsCommand.name(of: path)))
            }
        }
        if known.isEmpty, let first = leftOut.first {
            throw Self.refused(
                "no symbol of \(paths.joined(separator: ", ")) is in symbols.yaml; the first is \(first.symbol).")
        }
        return (known, leftOut)
    }

    private func contradiction(
        _ first: CorporateAction, _ firstPath: String, _ action: CorporateAction, _ path: String
    ) -> StepFailure {
        Self.refused("\(path): \(action) contradicts \(firstPath): \(first); a share is split once a day.")
    }

    private static func refused(_ message: String) -> StepFailure {
        StepFailure(
            code: "bad-actions-file", message: message, hint: "Nothing was imported.", isRetryable: false,
            exitCode: .badInput)
    }
}
