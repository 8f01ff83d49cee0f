internal import Broker
internal import Core
internal import MarketData
internal import Sessions
internal import Settings
internal import Store

/// Which members of a profile can be decided on in a cycle, and what keeps the others from it.
struct DecisionReadiness {
    /// Members that have their bar.
    private(set) var ready: [Beat.SessionMember] = []
    /// Jumps that keep their symbols from being decided.
    private(set) var suspicions: [SplitSuspicion.Finding] = []
    /// Why a member is not ready; goes on from its symbol.
    private(set) var reasons: [Symbol: String] = [:]
    /// The same for a step's document, in the order in which it was found.
    var warnings: [String] = []
    /// What to answer where no member can be decided on.
    private(set) var skip: StepResult?

    /// - Parameter settled: symbols that nothing is to be decided on any more.
    init(_ beat: Beat, besides settled: Set<Symbol>) throws {
        let members = try beat.sessionMembers()
        guard !members.isEmpty else {
            skip = .skipped(
                .marketClosed, "no exchange of the profile has a bar that closes at \(beat.cycle.barClose)")
            return
        }
        var isHindered = false
        try beat.context.store.read { reader in
            let watch = try SplitWatch(beat, reader)
            for member in members where !settled.contains(member.instrument.symbol) {
                guard try Self.hasBar(member, beat, reader) else {
                    leaveOut(member.instrument.symbol, "has no bar for this cycle and is left out")
                    continue
                }
                let bars = try watch.window(member)
                if let mixture = SplitWatch.mixture(member, in: bars) {
                    isHindered = true
                    leaveOut(member.instrument.symbol, "is not-ready: \(mixture)")
                } else if let finding = try watch.finding(member, in: bars) {
                    isHindered = true
                    suspicions.append(finding)
                    leaveOut(member.instrument.symbol, "is not-ready: \(SplitWatch.text(finding))")
                } else {
                    ready.append(member)
                }
            }
            for id in Set(try ready.map { try beat.broker(for: $0.instrument).id })
            where try !reader.hasAccount(id, beat.context.brokers[id]?.account ?? AccountID("")) {
                skip = .skipped(
                    .notReady, "the account at \(id) is not open in the books; run `takt fetch-bars` first")
            }
        }
        guard ready.isEmpty else { return }
        skip = .skipped(.notReady, "no symbol has its bar yet; run `takt fetch-bars`, then `takt decide` again")
        if isHindered { skip?.warnings = warnings }
    }

    private mutating func leaveOut(_ symbol: Symbol, _ reason: String) {
        reasons[symbol] = reason
        warnings.append("\(symbol) \(reason)")
    }

    /// The same without symbols whose books and bars may be of two scales.
    func without(_ doubts: [ScaleDoubt]) -> DecisionReadiness {
        var rest = self
        for doubt in doubts {
            rest.ready.removeAll { $0.instrument.symbol == doubt.symbol }
            rest.leaveOut(doubt.symbol, "is not-ready: \(doubt.code): \(doubt.text)")
        }
        return rest
    }

    /// The same without symbols that an order stands for already.
    func without(_ proposed: [StoredDecision]) -> DecisionReadiness {
        var rest = self
        for proposal in proposed {
            rest.ready.removeAll { $0.instrument.symbol == proposal.symbol }
            rest.leaveOut(proposal.symbol, Self.proposed(proposal))
        }
        return rest
    }

    static func proposed(_ proposal: StoredDecision) -> String {
        "is left out: an order for it was proposed (\(proposal.intentID?.text ?? "-"))"
    }

    static func hasBar(_ member: Beat.SessionMember, _ beat: Beat, _ reader: StoreReader) throws -> Bool {
        let slot = member.slot
        let newest = try reader.lastBars(
            member.instrument.symbol, beat.profile.timeframe, count: 1, closedBefore: slot.openAt.advanced(bySeconds: 1)
        ).last
        return newest?.openAt == slot.openAt
    }

    /// What keeps every symbol from being decided.
    static func hindrance(_ beat: Beat) throws -> StepResult? {
        if let wait = try RestoreGuard.wait(beat, forAll: true) { return wait }
        guard beat.missedItsWindow else { return nil }
        return .skipped(
            .nothingToDo, "the cycle's window ended at \(beat.expiresAt); a late decision is the next bar's business")
    }
}
