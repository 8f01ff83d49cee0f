internal import Core
internal import MarketData
internal import Sessions
internal import Store
internal import Settings

/// Brings every symbol's bars up to the cycle's bar: finds what the calendar expects and the store lacks, asks the profile's
/// source for it, validates, and stores it in one transaction. On its first run it also opens the brokers' accounts in the
/// books, since what follows sizes its orders by their equity.
struct FetchBarsStep: Step {
    let name = StepName.fetchBars

    /// After so many symbols in a row that the source could not be reached for, the rest are not asked.
    private static let patience = 3

    /// Stands in for a source that is down.
    private struct SilentSource: BarSource {
        let kind: BarSourceKind

        func bars(
            _ instrument: Instrument, _ timeframe: Timeframe, from: Instant, until: Instant
        ) async throws(BarSourceError) -> [Bar] {
            throw .unavailable(instrument.symbol, reason: "not asked, since the source failed for others in a row")
        }
    }

    func run(_ beat: Beat) async throws -> StepResult {
        let notices = try calendarNotices(beat)
        let inSession = try beat.sessionMembers()
        guard !inSession.isEmpty else {
            try await openAccounts(beat)
            return .skipped(.marketClosed, "no exchange of the profile has a bar that closes at \(beat.cycle.barClose)")
        }
        let source = try beat.context.barSource(beat.profile)
        let count = try DecisionParameters(beat: beat, first: inSession.first).barCount()
        var fetched: [FetchedBars] = []
        var failures = 0
        for member in inSession {
            try beat.context.stop.checkpoint()
            // Each attempt may last its whole deadline: a source that is down must not use up the beat.
            let asked: any BarSource = failures < Self.patience ? source : SilentSource(kind: source.kind)
            fetched.append(try await FetchedBars.fetch(member, count: count, from: asked, beat))
            switch fetched.last?.sourceError {
            case .unavailable: failures += 1
            case .unsupported, .incomplete, .malformed, nil: failures = failures < Self.patience ? 0 : failures
            }
        }
        // A source that answers for no symbol is down: the next run tries all of them again.
        if let error = fetched.first?.sourceError, fetched.allSatisfy({ $0.sourceError != nil }) { throw error }
        if !beat.isDryRun { try store(fetched, beat) }
        // With the bars at hand it is known what the accounts' positions are worth when they are first met.
        return try result(fetched, beat, try await openAccounts(beat) + notices)
    }

    /// A calendar that ends soon, or has ended, needs a hand before a beat is missed over it.
    private func calendarNotices(_ beat: Beat) throws -> [String] {
        let notices = beat.context.calendarNotices(of: beat.profile, at: beat.now)
        guard !notices.isEmpty, !beat.isDryRun else { return notices }
        try beat.context.store.write(durable: false) { writer in
            for notice in notices {
                try AlertDesk(context: beat.context, now: beat.now).raise(
                    key: "calendar:\(beat.now.utcDate):\(notice)", severity: .warning, kind: "calendar-ends",
                    title: "A calendar needs an update", body: notice, in: writer)
            }
        }
        return notices
    }

    @discardableResult
    private func openAccounts(_ beat: Beat) async throws -> [String] {
        guard !beat.isDryRun else { return [] }
        let opening = AccountOpening(context: beat.context, now: beat.now)
        var notes: [String] = []
        for id in beat.context.brokers.keys.sorted() {
            guard let broker = beat.context.brokers[id], let note = try await opening.ensure(broker) else { continue }
            notes.append(note)
        }
        return notes
    }

    private func store(_ fetched: [FetchedBars], _ beat: Beat) throws {
        beat.context.failpoints.hit(.fetchBarsBeforeWrite)
        guard fetched.contains(where: \.hasNews) else { return }
        try beat.context.store.write(durable: false) { writer in
            for part in fetched { try part.store(in: writer, at: beat.now) }
        }
        beat.context.failpoints.hit(.fetchBarsAfterWrite)
    }

    private func result(_ fetched: [FetchedBars], _ beat: Beat, _ notes: [String]) throws -> StepResult {
        var items: [JSONValue] = []
        var missing: [String] = []
        for part in fetched {
            if let bar = part.current {
                items.append(DocumentItems.bar(part.instrument.symbol, beat.profile.timeframe, bar))
            } else {
                missing.append(part.instrument.symbol.text)
            }
        }
        let rejected = fetched.flatMap { part in
            part.rejections.map { "\(part.instrument.symbol): \($0)" }
                + part.doubts.map { "\(part.instrument.symbol): \($0) (held back)" }
        }
        let summary: [JSONValue.Member] = [
            .init("symbols", .int(Int64(fetched.count))), .init("ready", .int(Int64(items.count))),
            .init("new_bars", .int(Int64(fetched.reduce(0) { $0 + $1.bars.count - $1.corrected }))),
            .init("corrected", .int(Int64(fetched.reduce(0) { $0 + $1.corrected }))),
            .init("rejected", .int(Int64(rejected.count))),
            .init("open_gaps", .int(Int64(fetched.reduce(0) { $0 + $1.ledger.gaps.count }))),
        ]
        let errors = fetched.compactMap { $0.sourceError?.description }
        var warnings = notes + errors + rejected
        for part in fetched where part.corrected > 0 {
            warnings.append(
                "\(part.instrument.symbol): \(part.corrected) bar(s) corrected by \(part.kind.rawValue); the old ones are kept"
            )
        }
        if !missing.isEmpty {
            warnings.append("no bar for \(beat.cycle.barClose) yet: \(missing.joined(separator: ", "))")
        }
        if items.isEmpty, errors.isEmpty {
            return StepResult(.skipped, reason: .notReady, summary: summary, warnings: warnings)
        }
        return StepResult(
            missing.isEmpty && errors.isEmpty ? .succeeded : .partial, summary: summary, items: items,
            warnings: warnings)
    }
}
