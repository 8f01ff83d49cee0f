internal import ArgumentParser
internal import Core
internal import Cycle
internal import Glibc
internal import Ledger
internal import Sessions
internal import Settings
internal import Store
internal import Synchronization

struct DemoCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "demo", abstract: "A full trading day on the embedded exchange with generated bars, in seconds.",
        discussion: """
            Three symbols, two currencies, every step of every beat: the same code that trades. It works in a folder of its \
            own (./takt-demo unless --home names one), reads no configuration of yours and sends nothing anywhere. Running \
            it twice is fine: the second run replays what the first has done.

            Example: takt demo --date 2026-11-20
            """)
    @OptionGroup var global: GlobalOptions
    @Option(name: .long, help: .init("The trading day; default: the last that is over everywhere.", valueName: "day"))
    var date: String?

    func validate() throws {
        let idle = [
            ("--dry-run", global.dryRun, "it exists to trade, on its own exchange and in a folder of its own"),
            ("--profile", global.profile != nil, "it trades all profiles of the embedded configuration"),
            ("--config", global.config != nil, "it reads no configuration but the embedded one"),
            ("--now", global.now != nil, "its clock runs through the day that --date names"),
        ]
        for (option, isGiven, why) in idle where isGiven {
            throw ValidationError("The demo takes no \(option): \(why).")
        }
        if let date, CivilDate(iso: date) == nil { throw ValidationError("'\(date)' is no day; write 2026-11-20.") }
    }

    func run() async throws {
        let process = Environment.process()
        // TAKT_HOME names the folder that trades; the demo must never land in it by itself.
        let home = global.home ?? "takt-demo"
        // Nothing of the caller's configuration or secrets: the demo is the embedded defaults and cannot reach anybody.
        let settings = try CommandContext.loader.load(
            texts: ConfigurationTexts(),
            overrides: Overrides(home: home, database: global.db, logLevel: global.logLevel),
            environment: Environment(), home: home)
        let context = try CommandContext(settings: settings, environment: process, options: global.values)
        let day = try DemoDay.choose(date.flatMap { CivilDate(iso: $0) }, context)
        try DemoHome(context: context).require(for: day)
        let result = try await DemoDay(context: context, date: day).run()
        try context.output.emit(result) { Self.text(result, context.output.style) }
        try CommandEnd.check(result["agrees_with_exchange"]?.boolValue == true ? .success : .breaksFound)
    }

    private static func text(_ result: JSONValue, _ style: TextStyle) -> String {
        func word(_ key: String) -> String { result[key].map(TextTable.plain) ?? "-" }
        let table = TextTable(
            columns: [
                .init("symbol", "symbol"), .init("orders", "orders", numeric: true),
                .init("fills", "fills", numeric: true),
                .init("position", "quantity", numeric: true), .init("last", "last_price", numeric: true),
                .init("realised", "realised", numeric: true), .init("unrealised", "unrealised", numeric: true),
                .init("fees+taxes", "costs", numeric: true), .init("ccy", "currency"),
            ], items: result["items"]?.arrayValue ?? [], empty: "Nothing was traded.")
        let books =
            result["agrees_with_exchange"]?.boolValue == true
            ? style(.green, "Our books and the exchange's agree to the last digit.")
            : style(.red, "Our books and the exchange's differ: see takt breaks.")
        let reports = (result["reports"]?.arrayValue ?? []).compactMap(\.stringValue).map { "  \($0)" }.joined(
            separator: "\n")
        return """
            \(style(.bold, "Trading day \(word("date"))")): \(word("cycles")) cycles, \(word("replayed")) of them replayed, in \(word("seconds")) s
            \(table.rendered(style))
            Equity \(word("equity")) \(word("currency")), paid in \(word("paid_in")), fees and taxes included
            \(books)
            Reports:
            \(reports)
            Look further: takt status --home \(word("home")) --now \(word("until"))
            """
    }
}

/// The folder the demo works in: its own, never one in which somebody trades.
private struct DemoHome {
    let context: CommandContext

    private static let marker = "made-by-demo"

    /// Refuses a folder with a configuration, a database that no demo made, and a day before what has been traded there:
    /// positions and fills of the future would be in its books.
    func require(for day: CivilDate) throws {
        let paths = context.settings.paths
        guard !FileWriting.exists("\(paths.home)/config") else {
            throw refusal("\(paths.home) is a working folder: it has a config/ of its own.")
        }
        guard FileWriting.exists(paths.database) else { return }
        let store = try context.openStoreForReading()
        guard try store.read({ try $0.meta(Self.marker) }) != nil else {
            throw refusal("\(paths.database) is the state of another folder's trading: no demo made it.")
        }
        guard let newest = try store.read({ try $0.recentCycles(limit: 1).first }), newest.barClose.utcDate > day else {
            return
        }
        throw refusal(
            "The demo in \(paths.home) has traded up to \(newest) already; \(day) lies before that.",
            "Choose a later --date, or another folder with --home.")
    }

    /// The database of the demo, made and marked when it is not there yet.
    func openStore() throws -> StateDatabase {
        let isNew = !FileWriting.exists(context.settings.paths.database)
        let store = try context.openStore(creates: true)
        if isNew { try store.write(durable: true) { try $0.setMeta(Self.marker, TaktVersion.text) } }
        return store
    }

    private func refusal(
        _ message: String, _ cure: String = "Name a folder for the demo alone with --home, or none."
    ) -> StepFailure {
        StepFailure(
            code: "not-a-demo-folder", message: message, hint: "Nothing was done. \(cure)", isRetryable: false,
            exitCode: .usage)
    }
}

/// One day of beats over all profiles, in the order in which their bars close.
private struct DemoDay {
    let context: CommandContext
    let date: CivilDate

    /// What a beat waits after its bar's close.
    private static let delaySeconds: Int64 = 3

    static func choose(_ wish: CivilDate?, _ context: CommandContext) throws -> CivilDate {
        let now = context.clock.now()
        func isOver(_ date: CivilDate) -> Bool {
            context.settings.profiles.allSatisfy { profile in
                guard let instrument = context.settings.instruments[profile.symbols[0]],
                    let session = context.calendars.calendar(instrument.exchange)?.session(on: date)
                else { return false }
                return session.close.advanced(bySeconds: delaySeconds) <= now
            }
        }
        let days = wish.map { [$0] } ?? (0..<30).map { now.utcDate.advanced(byDays: -$0) }
        guard let day = days.first(where: isOver) else {
            throw StepFailure(
                code: "no-such-day",
                message:
                    "\(wish.map { "\($0) is no day" } ?? "There is no recent day") on which every exchange of the demo has had a full session.",
                hint: "Nothing was done. Choose a weekday of the past with --date.", isRetryable: false,
                exitCode: .usage)
        }
        return day
    }

    func run() async throws -> JSONValue {
        let started = SystemClock().now()
        for folder in [context.settings.paths.state, context.settings.paths.logs] {
            try FileWriting.createFolder(folder)
        }
        let store = try DemoHome(context: context).openStore()
        let clock = SteppedClock(date.startUTC)
        let signals = Signals()
        let cycleContext = try context.cycleContext(store, clock: clock, stop: signals.stop)
        let beats = try beats(cycleContext)
        var replayed = 0
        var reports: [String] = []
        for (index, beat) in beats.enumerated() {
            clock.set(beat.id.barClose.advanced(bySeconds: Self.delaySeconds))
            let cycle = TradingCycle(context: cycleContext, profile: beat.profile)
            let document = await cycle.run(from: .fetchBars, until: .alert, cycle: beat.id)
            try check(document)
            if document.steps.allSatisfy(\.isReplayed) { replayed += 1 }
            reports += dailyPages(document)
            progress(index + 1, of: beats.count, beat.id)
        }
        if context.showsProgress { FileWriting.writeAll(Array("\r\u{1B}[K".utf8), to: STDERR_FILENO) }
        let seconds = Double(SystemClock().now().microseconds - started.microseconds) / 1_000_000
        return try store.read { reader in
            try summary(
                reader, clock.now(), cycles: beats.count, replayed: replayed, reports: reports, seconds: seconds)
        }
    }

    private func beats(_ cycleContext: CycleContext) throws -> [(id: CycleID, profile: Profile)] {
        var beats: [(id: CycleID, profile: Profile)] = []
        for profile in context.settings.profiles {
            let (_, calendar) = try cycleContext.listing(of: profile.symbols[0])
            guard let session = calendar.session(on: date) else { continue }
            for slot in calendar.slots(of: session, timeframe: profile.timeframe) {
                beats.append((CycleID(profile: profile.name, barClose: slot.closeAt), profile))
            }
        }
        return beats.sorted { $0.id < $1.id }
    }

    /// Anything but a good end is the caller's to see at once.
    private func check(_ document: CycleDocument) throws {
        guard document.exitCode != .success, document.exitCode != .halted else { return }
        let error = document.steps.compactMap { $0.json["error"]?["message"]?.stringValue }.first ?? "see the logs"
        throw StepFailure(
            code: "demo-failed",
            message: "\(document.json["cycle"]?.stringValue ?? "A cycle") did not end well: \(error)",
            hint: "Run takt demo again: it carries on where it stopped.", isRetryable: true, exitCode: document.exitCode
        )
    }

    private func dailyPages(_ document: CycleDocument) -> [String] {
        document.steps.flatMap(\.items).compactMap { $0["path"]?.stringValue }
            .filter { $0.contains("/daily/") && $0.hasSuffix(".html") }
    }

    private func progress(_ done: Int, of total: Int, _ id: CycleID) {
        guard context.showsProgress else { return }
        let filled = 30 * done / max(1, total)
        let bar = String(repeating: "█", count: filled) + String(repeating: "░", count: 30 - filled)
        FileWriting.writeAll(Array("\r\(bar) \(done)/\(total) \(id)\u{1B}[K".utf8), to: STDERR_FILENO)
    }

    private func summary(
        _ reader: StoreReader, _ until: Instant, cycles: Int, replayed: Int, reports: [String], seconds: Double
    ) throws -> JSONValue {
        let books = try Books.load(
            reader, settings: context.settings, calendars: context.calendars, at: until)
        let orders = try reader.orders()
        let fills = try reader.fills()
        let items = try Set(orders.map(\.symbol)).sorted().map { symbol -> JSONValue in
            let own = fills.filter { $0.symbol == symbol }
            let held = books.portfolio.positions.first { $0.position.symbol == symbol }
            let costs = try own.reduce(FixedPoint.zero) { try $0 + $1.fee + $1.tax }
            let currency = context.settings.instruments[symbol]?.currency ?? context.settings.baseCurrency
            return [
                "symbol": JSONValue(symbol), "orders": .int(Int64(orders.filter { $0.symbol == symbol }.count)),
                "fills": .int(Int64(own.count)), "quantity": JSONValue(held?.position.quantity ?? .zero),
                "last_price": JSONValue(held?.lastPrice),
                "realised": .string(
                    books.ledger.positions.filter { $0.symbol == symbol }.first?.realisedAverage.amount.formatted(
                        digits: currency.minorDigits) ?? "0"),
                "unrealised": .string((held?.unrealised?.amount ?? .zero).formatted(digits: currency.minorDigits)),
                "costs": .string(costs.formatted(digits: currency.minorDigits)), "currency": JSONValue(currency),
            ]
        }
        let paidIn = try PaidIn.inBase(books)
        return [
            "schema": "takt.demo/1", "date": JSONValue(date), "home": .string(context.settings.paths.home),
            "until": JSONValue(until),
            "cycles": .int(Int64(cycles)), "replayed": .int(Int64(replayed)),
            "seconds": .double((seconds * 100).rounded() / 100),
            "orders": .int(Int64(orders.count)), "fills": .int(Int64(fills.count)),
            "equity": .string(books.portfolio.equity.amount.formatted(digits: books.portfolio.base.minorDigits)),
            "paid_in": .string(paidIn.formatted(digits: books.portfolio.base.minorDigits)),
            "currency": JSONValue(books.portfolio.base),
            "agrees_with_exchange": .bool(try reader.openBreaks().isEmpty),
            "reports": .array(reports.map { .string($0) }),
            "items": .array(items),
        ]
    }
}

/// Cash and positions paid in, in the base currency.
enum PaidIn {
    static func inBase(_ books: Books) throws -> FixedPoint {
        var total = PreciseAmount.zero
        for (currency, amount) in try books.ledger.paidIn() {
            guard let rate = books.marks.rate(currency) else { continue }
            total = try total + amount.multiplied(by: rate)
        }
        return total.rounded
    }
}

/// A clock that a replay moves from beat to beat.
final class SteppedClock: WallClock {
    private let instant: Mutex<Instant>

    init(_ instant: Instant) { self.instant = Mutex(instant) }

    func now() -> Instant { instant.withLock { $0 } }

    func set(_ instant: Instant) { self.instant.withLock { $0 = instant } }

    func sleep(for duration: Duration) async throws {}
}
