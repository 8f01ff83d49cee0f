public import Core
internal import Ledger
public import Reporting
public import Sessions
public import Settings
public import Store

/// Gathers what a report says, inside one transaction.
public struct ReportGatherer {
    let context: CycleContext
    let reader: StoreReader
    let now: Instant

    public init(context: CycleContext, reader: StoreReader, now: Instant) {
        self.context = context
        self.reader = reader
        self.now = now
    }

    var settings: Settings { context.settings }

    func cycle(_ cycle: CycleID) throws -> CycleReport {
        let books = try Books.load(reader, settings: settings, calendars: context.calendars, at: now)
        let rows = ReportRowMaker(context: context, reader: reader)
        let intents = try reader.intents(cycle: cycle)
        var orders: [ManagedOrder] = []
        for intent in intents { orders += try reader.orders(intent: intent.id) }
        var fills: [Fill] = []
        for order in orders { fills += try reader.fills(order: order.clientOrderID) }
        fills += try lateFills(cycle, besides: fills)
        let halts = try reader.activeHalts()
        let breaks = try reader.openBreaks()
        let journal = try reader.journal(cycle: cycle)
        return CycleReport(
            cycle: cycle, mode: settings.mode.rawValue, generatedAt: now, base: settings.baseCurrency,
            verdict: rows.verdict(
                orders: orders, fills: fills.count, halts: halts, breaks: breaks, journal: journal, span: "this cycle"),
            equity: books.portfolio.isComplete ? rows.mark(books.portfolio, at: now) : nil,
            decisions: try reader.decisions(cycle: cycle).map { try rows.decision($0, intents) },
            orders: try orders.map { try rows.order($0) }, fills: fills.map(rows.fill),
            positions: books.portfolio.positions.map { rows.position($0, books.portfolio) },
            limits: rows.limits(journal), breaks: breaks.map(rows.bookBreak), halts: halts.map(rows.halt),
            steps: rows.steps(journal))
    }

    /// Fills of the profile's earlier orders that were booked in this cycle's window.
    private func lateFills(_ cycle: CycleID, besides own: [Fill]) throws -> [Fill] {
        guard let profile = settings.profile(named: cycle.profile) else { return [] }
        let window = cycle.barClose..<cycle.barClose.advanced(bySeconds: Int64(profile.timeframe.seconds))
        let known = Set(own.map(\.id))
        // A fill is booked after it was done: two days cover any order that still works over a night.
        let filter = ListFilter(
            since: cycle.barClose.advanced(bySeconds: -2 * 86_400), until: window.upperBound, profile: profile.name)
        return try reader.fills(filter).filter { window.contains($0.recordedAt) && !known.contains($0.id) }
    }

    /// The report of the session that a cycle belongs to.
    func day(of cycle: CycleID) throws -> DailyReport {
        guard let profile = settings.profile(named: cycle.profile) else {
            throw StepFailure(
                code: "unknown-profile", message: "There is no profile '\(cycle.profile)'.",
                hint: "Nothing was written.",
                isRetryable: false, exitCode: .configuration)
        }
        for symbol in profile.symbols {
            let (_, calendar) = try context.barListing(of: symbol, profile)
            if let session = calendar.session(at: cycle.barClose.advanced(bySeconds: -1)) {
                return try report(.daily, profile, from: session.date, through: session.date, calendar)
            }
        }
        let (_, calendar) = try context.listing(of: profile.symbols[0])
        let day = calendar.localDate(of: cycle.barClose)
        return try report(.daily, profile, from: day, through: day, calendar)
    }

    /// The report of a span of trading days of a profile, in the days of its exchange.
    public func report(
        _ kind: DailyReport.Kind, _ profile: Profile, from: CivilDate, through: CivilDate, _ calendar: ExchangeCalendar
    ) throws -> DailyReport {
        let start = calendar.zone.instant(of: from, secondOfDay: 0)
        let end = calendar.zone.instant(of: through.advanced(byDays: 1), secondOfDay: 0)
        let span = ListFilter(since: start, until: end, profile: profile.name)
        let books = try Books.load(reader, settings: settings, calendars: context.calendars, at: min(now, end))
        let rows = ReportRowMaker(context: context, reader: reader)
        let orders = try reader.orders(span)
        let fills = try reader.fills(span)
        let halts = try reader.halts(ListFilter(until: end)).filter { $0.liftedAt.map { $0 >= start } ?? true }
        let breaks = try reader.openBreaks()
        let journal = try journal(profile.name, from: start, until: end)
        let marks = try reader.equityMarks(ListFilter(since: start, until: end), brokerScope: EquityMarks.allBrokers)
        let decisions = try reader.decisions(span)
        return DailyReport(
            kind: kind, profile: profile.name.text, mode: settings.mode.rawValue, from: from, through: through,
            generatedAt: now, base: settings.baseCurrency,
            verdict: rows.verdict(
                orders: orders, fills: fills.count, halts: halts.filter { $0.liftedAt == nil }, breaks: breaks,
                journal: journal, span: "\(from == through ? "\(from)" : "\(from) to \(through)")"),
            equity: try curve(marks, rows), markers: fills.map(rows.marker),
            periods: try periods(books, marks, from: from, through: through, calendar),
            local: try rows.local(books, from: start, until: end),
            cashBridge: try rows.cashBridge(books, from: start, until: end),
            positions: books.portfolio.positions.map { rows.position($0, books.portfolio) },
            orders: try orders.map { try rows.order($0) }, fills: fills.map(rows.fill),
            cycles: Set(decisions.map(\.cycle)).count, decisions: rows.votes(decisions),
            refusals: try reader.riskVerdicts(span).flatMap(\.reasons), limits: rows.limits(journal),
            breaks: breaks.map(rows.bookBreak), halts: halts.map(rows.halt),
            data: try profile.symbols.map { try rows.data($0, profile.timeframe, from: start, until: min(now, end)) },
            steps: rows.steps(journal), alerts: try rows.alerts(from: start, until: end),
            upcoming: rows.upcoming(profile, after: through), history: try history(through: end, calendar))
    }

    /// The attempts of the span's cycles: by the bar they worked on, not by when they ran.
    private func journal(_ profile: ProfileName, from: Instant, until: Instant) throws -> [JournalEntry] {
        try reader.journal(cyclesOf: profile, from: from, until: until)
    }
}
