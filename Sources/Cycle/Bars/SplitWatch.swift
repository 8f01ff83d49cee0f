internal import Core
internal import MarketData
internal import Sessions
internal import Settings
internal import Store

/// Keeps decisions from bars on two scales: a jump that looks like a split nobody recorded, or a recorded split that the
/// bars do not show, makes its symbol not ready for as long as the agents would look across it.
///
/// It ends when the split is imported, when an operator says that there was none, or, with the last bar from before it out
/// of the agents' sight, by itself: what they see then is of one scale.
struct SplitWatch {
    private let beat: Beat
    private let reader: StoreReader
    /// How many bars a decision of the cycle sees.
    let count: Int

    /// Sessions to compare the turnover of a jump with.
    private static let history = 21

    init(_ beat: Beat, _ reader: StoreReader) throws {
        self.beat = beat
        self.reader = reader
        count = try DecisionParameters(beat: beat, first: beat.sessionMembers().first).barCount()
    }

    /// The bars that a decision of this cycle would see.
    func window(_ member: Beat.SessionMember) throws -> [Bar] {
        try SessionBars(member, count: count, beat, reader).bars
    }

    /// What stands between the bars of such a window; `nil` where they are of one scale.
    func finding(_ member: Beat.SessionMember, in bars: [Bar]) throws -> SplitSuspicion.Finding? {
        try finding(member, in: bars, try reader.actionsInForce(member.instrument.symbol))
    }

    /// The same where the recorded actions are read already.
    func finding(
        _ member: Beat.SessionMember, in bars: [Bar], _ recorded: [StoredAction]
    ) throws -> SplitSuspicion.Finding? {
        guard let first = bars.first else { return nil }
        let suspicion = suspicion(member, recorded)
        // The turnover of earlier sessions takes part in the judgement; they are read only when it matters.
        guard suspicion.isWorthALook(bars) else { return nil }
        let session = member.calendar.slots(of: member.slot.session, timeframe: beat.profile.timeframe).count
        let longer = try SessionBars(member, count: max(count, Self.history * session), beat, reader).bars
        return suspicion.findings(in: longer).first { $0.at > first.openAt }
    }

    /// Whether there can be a finding in any window of these bars.
    func isWorthALook(_ member: Beat.SessionMember, in bars: [Bar], _ recorded: [StoredAction]) -> Bool {
        suspicion(member, recorded).isWorthALook(bars)
    }

    private func suspicion(_ member: Beat.SessionMember, _ recorded: [StoredAction]) -> SplitSuspicion {
        SplitSuspicion(
            symbol: member.instrument.symbol, calendar: member.calendar, announced: recorded.compactMap(\.action),
            confirmed: Set(recorded.filter { $0.content == .noSplit }.map(\.exDate)))
    }

    /// Bars of the market and bars that somebody made up do not belong into one window; `nil` where they are of one kind.
    static func mixture(_ member: Beat.SessionMember, in bars: [Bar]) -> String? {
        let generated = bars.count { $0.source == .generator }
        guard generated > 0, generated < bars.count else { return nil }
        return
            "\(generated) of the \(bars.count) bars of \(member.instrument.symbol) that a decision would see are generated, "
            + "the others are not. Use a new --home for the one or the other; else it ends with the last of the older kind "
            + "out of sight"
    }

    static func text(_ finding: SplitSuspicion.Finding) -> String {
        let (symbol, date) = (finding.symbol, finding.date)
        return switch finding.kind {
        case .suspectedSplit:
            "\(finding.summary). If it was one, bring it with `takt import-actions`; if not, "
                + "`takt actions no-split \(symbol) \(date) --reason …`"
        case .absentSplit:
            "\(finding.summary). Check its day and whether the bars are adjusted already; `takt actions --symbol "
                + "\(symbol)` lists it, `takt actions withdraw` takes it back"
        }
    }

    /// Tells once of each jump.
    static func alert(_ findings: [SplitSuspicion.Finding], _ beat: Beat) throws {
        guard !findings.isEmpty else { return }
        try beat.context.store.write(durable: false) { writer in
            for finding in findings {
                try AlertDesk(context: beat.context, now: beat.now).raise(
                    key: "\(finding.code):\(finding.symbol):\(finding.date)", severity: .warning, kind: finding.code,
                    title: "\(finding.symbol) is not decided on: a split that \(Self.trouble(finding.kind))",
                    body: text(finding),
                    fields: ["symbol": JSONValue(finding.symbol), "date": JSONValue(finding.date)],
                    dedupeSeconds: Self.tellAgainSeconds, in: writer)
            }
        }
    }

    private static func trouble(_ kind: SplitSuspicion.Kind) -> String {
        switch kind {
        case .suspectedSplit: "nobody has recorded?"
        case .absentSplit: "the bars do not show"
        }
    }

    /// Longer than any buffer of minute bars reaches back.
    private static let tellAgainSeconds = 366 * 86_400
}
