import BrokerPaper
import Core
import Cycle
import Features
import MarketData
import Sessions
import Settings
import Store

/// What a policy's view of a hundred symbols costs after one new bar of each: the bars of the windows read from the
/// database, the features computed. First the two parts, then the whole, by the code behind `takt features`.
///
/// Medians of wall-clock times; a time is that of all hundred symbols together.
struct FeatureBench {
    private static let rounds = 40
    private static let symbols = (1...100).map { Symbol("SYM\($0 < 10 ? "00" : $0 < 100 ? "0" : "")\($0)") }
    private static let first = Instant(epochSeconds: 1_704_067_200)

    private let database: StateDatabase
    private let settings: Settings
    private let profile: Profile
    /// The slots of the bars to come.
    private var slots: ArraySlice<BarSlot>
    /// The slot of the newest bars.
    private var newest: BarSlot?

    /// - Parameter count: bars of each symbol before the first new one.
    init(folder: String, bars count: Int) throws {
        settings = try Self.settings(folder)
        profile = settings.profiles[0]
        database = try StateDatabase.open(at: "\(folder)/features.sqlite", now: Self.first)
        let calendar = CalendarBook.embedded.calendar(ExchangeID("XNAS"))
        let end = Self.first.advanced(bySeconds: 3 * 366 * 86_400)
        slots = (calendar?.slots(from: Self.first, until: end, timeframe: profile.timeframe) ?? [])[...]
        let held = slots.prefix(count)
        slots = slots.dropFirst(count)
        for (number, symbol) in Self.symbols.enumerated() {
            let bars = held.map { Self.bar($0.openAt, number) }
            try database.write(durable: false) { _ = try $0.upsertBars(symbol, .fiveMinutes, bars) }
        }
    }

    mutating func run() throws {
        for preset in [FeaturePreset.takt16, .legacy14] { try measure(preset) }
        try database.close()
    }

    private mutating func measure(_ preset: FeaturePreset) throws {
        let computer = try FeatureComputer(try preset.spec())
        let (window, far) = (computer.spec.window, Instant(epochSeconds: 4_000_000_000))
        let windows = try database.read { reader in
            try Self.symbols.map { symbol in
                FeatureWindow(
                    try reader.lastBars(symbol, .fiveMinutes, count: window, closedBefore: far),
                    place: SessionPlace(index: 3, of: 78))
            }
        }
        try median("features of 100 symbols, \(preset.rawValue): computed") { _ in
            windows.reduce(0) { $0 + computer.raw($1).values.count }
        }
        try median("features of 100 symbols: windows read") { bench in
            try bench.database.read { reader in
                try Self.symbols.reduce(0) {
                    $0 + (try reader.lastBars($1, .fiveMinutes, count: window, closedBefore: far).count)
                }
            }
        }
        try median("features of 100 symbols, \(preset.rawValue): after one new bar", beforehand: { try $0.putBars() }) {
            bench in
            guard let slot = bench.newest else { return 0 }
            let cycle = CycleID(profile: bench.profile.name, barClose: slot.closeAt)
            let desk = try bench.desk(computer, at: slot.closeAt.advanced(bySeconds: 1))
            return try bench.database.read { try desk.records(of: cycle, in: $0).count { $0.isReady } }
        }
    }

    /// The next bar of every symbol.
    private mutating func putBars() throws {
        guard let slot = slots.popFirst() else { return }
        newest = slot
        try database.write(durable: false) { writer in
            for (number, symbol) in Self.symbols.enumerated() {
                _ = try writer.upsertBars(symbol, .fiveMinutes, [Self.bar(slot.openAt, number)])
            }
        }
    }

    private mutating func median(
        _ name: String, beforehand: (inout FeatureBench) throws -> Void = { _ in },
        _ work: (FeatureBench) throws -> Int
    ) throws {
        var count = 0
        var times: [Double] = []
        for round in -5..<Self.rounds {
            try beforehand(&self)
            let began = TaktBench.wallNanoseconds()
            count = try work(self)
            if round >= 0 { times.append(TaktBench.wallNanoseconds() - began) }
        }
        TaktBench.report(name, 1, times.sorted()[times.count / 2], "\(count) together")
    }

    // MARK: The installation

    private func desk(_ computer: FeatureComputer, at now: Instant) throws -> FeatureDesk {
        let rules = PaperConfiguration(
            account: settings.paper.account, initialCash: settings.paper.initialCash, instruments: settings.instruments)
        // Only its name is asked for: nothing is traded here.
        let broker = PaperBroker(configuration: rules) { () throws(PaperError) in
            throw .database(path: "none", detail: "nothing is traded here")
        }
        let clock = FixedClock(now)
        let context = CycleContext(
            settings: settings, store: database, clock: clock, calendars: .embedded, brokers: [broker.id: broker],
            barSource: { _ in NoBars() }, channels: [], failpoints: .none, log: .none,
            environment: Environment(),
            process: ProcessIdentity(pid: 0, host: "", user: ""), version: "", stop: .never)
        return try FeatureDesk(context, profile: profile, computer: computer, form: .raw, now: now)
    }

    private static func settings(_ folder: String) throws -> Settings {
        let names = symbols.map(\.text).joined(separator: ", ")
        let listed = symbols.map { "  \($0): {name: \($0), market: US, exchange: XNAS, currency: USD}\n" }.joined()
        let profile = "{symbols: [\(names)], timeframe: 5m, broker: paper, bars: imported}"
        let loader = SettingsLoader(knownExchanges: ["XNAS"], knownZones: ["UTC"])
        return try loader.load(
            texts: ConfigurationTexts(
                trading: "trading: {profiles: {bench: \(profile)}}\n", symbols: "symbols:\n\(listed)"), home: folder)
    }

    /// A slow saw-tooth, another one for each symbol.
    private static func bar(_ openAt: Instant, _ number: Int) -> Bar {
        let step = Int(openAt.epochSeconds / 300) * (number + 7)
        let cents = Int64(10_000 + abs(step % 2000 - 1000))
        func price(_ offset: Int64) -> Price { Price(FixedPoint(int64Units: (cents + offset) * 1_000_000)) }
        return Bar(
            openAt: openAt, open: price(0), high: price(9), low: price(-7), close: price(3),
            volume: Quantity(1000 + step % 977), source: .imported)
    }
}

private struct NoBars: BarSource {
    var kind: BarSourceKind { .imported }
    func bars(_: Instrument, _: Timeframe, from _: Instant, until _: Instant) async throws(BarSourceError) -> [Bar] {
        []
    }
}
